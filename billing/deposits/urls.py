"""/w/<slug>/money/: pay in, and get money back."""

from django.urls import path

from billing.deposits import refund_views, views

urlpatterns = [
    path("money/add/", views.deposit_new, name="deposit_new"),
    path("money/refunds/", refund_views.refunds, name="refunds"),
    path("money/deposits/<uuid:deposit_id>/", views.deposit, name="deposit"),
    path("money/deposits/<uuid:deposit_id>/cancel/", views.deposit_cancel, name="deposit_cancel"),
]
