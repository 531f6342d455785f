"""The URLs of Stripe's webhooks."""

from django.urls import path

from billing.stripe import views

urlpatterns = [
    path("webhooks/stripe/<slug:endpoint>/", views.webhook, name="stripe_webhook"),
]
