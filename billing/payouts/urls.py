"""/earnings/payouts/: a person's payouts."""

from django.urls import path

from billing.payouts import views

urlpatterns = [
    path("earnings/payouts/", views.payouts, name="payouts"),
    path("earnings/payouts/now/", views.pay_me, name="pay_me"),
]
