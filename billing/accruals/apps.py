"""Accepted work becomes earned money."""

from django.apps import AppConfig


class AccrualsConfig(AppConfig):
    name = "billing.accruals"
    label = "billing_accruals"
