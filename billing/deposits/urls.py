"""/w/<slug>/money/: pay in."""

from django.urls import path

from billing.deposits import views

urlpatterns = [
    path("money/add/", views.deposit_new, name="deposit_new"),
    path("money/deposits/<uuid:deposit_id>/", views.deposit, name="deposit"),
]
