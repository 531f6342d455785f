"""Statements: what annotators earned and where it is, and what workspaces spent and for what."""

from django.apps import AppConfig


class StatementsConfig(AppConfig):
    name = "billing.statements"
    label = "billing_statements"

    def ready(self) -> None:
        from billing.statements.spend import panels

        panels.register()
