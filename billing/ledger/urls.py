"""/w/<slug>/money/."""

from django.urls import path

from billing.ledger import views

urlpatterns = [path("money/", views.money, name="money")]
