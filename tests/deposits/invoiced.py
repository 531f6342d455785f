"""Deposits by invoice: through the services and the emulator, and as rows alone where no Stripe is needed."""

import uuid
from datetime import timedelta
from typing import Any

from django.db.models.functions import Now

from billing.deposits import opening, services
from billing.deposits.models import Customer, Deposit
from rlhfhub.tenancy import planes
from tests.deposits.made import AMOUNT, fresh, make_asked, work_off
from tests.factories import Tenant
from tests.stripe_emulator.control import Control

EMAIL = "billing@harbour.example"


def ask_invoice(tenant: Tenant, amount: int = AMOUNT, reference: str = "PO 7") -> Deposit:
    """Ask for an invoice as the workspace's owner."""
    owner = tenant.owner.pk
    with planes.in_workspace(tenant.pk, owner):
        return services.ask(
            workspace=tenant.workspace,
            amount_minor=amount,
            created_by_id=owner,
            method="invoice",
            billing_email=EMAIL,
            reference=reference,
        )


def invoiced(tenant: Tenant, amount: int = AMOUNT) -> Deposit:
    """Ask for an invoice, and let a worker make it."""
    deposit = ask_invoice(tenant, amount)
    assert work_off(opening.opened) == 1
    return fresh(deposit)


def pay_invoice(
    emulator: Control, deposit: Deposit, method: str = "pm_bank_transfer", **more: Any
) -> None:
    """Pay the deposit's invoice, as on Stripe's page."""
    how = more or {"payment_method": method}
    emulator.client().v1.invoices.pay(deposit.invoice_id, how)


def cancel(tenant: Tenant, deposit: Deposit) -> None:
    """Ask to cancel the invoice as the workspace's owner."""
    owner = tenant.owner.pk
    with planes.in_workspace(tenant.pk, owner):
        services.cancel(deposit=deposit, actor_id=owner)


def make_invoiced(tenant: Tenant, **fields: Any) -> Deposit:
    """Make a deposit with an open invoice, without Stripe; `fields` are what became of it."""
    deposit = make_asked(tenant, method="invoice", billing_email=EMAIL, reference="PO 7")
    token = uuid.uuid4().hex
    with planes.as_system():
        customer, _ = Customer.objects.get_or_create(
            workspace_id=tenant.pk,
            is_live=False,
            defaults={"name": tenant.workspace.name, "stripe_id": f"cus_{token}"},
        )
        Deposit.objects.filter(pk=deposit.pk).update(
            attempt=1,
            sent_at=Now(),
            customer=customer,
            state="open",
            invoice_id=f"in_{token}",
            invoice_status="open",
            invoice_number="HUB-0042",
            invoice_url=f"https://stripe.example/{token}",
            page_url=f"https://stripe.example/{token}",
            pdf_url=f"https://stripe.example/{token}/pdf",
            due_at=Now() + timedelta(days=30),
            bank_details=[["Routing number", "110000000"], ["Account number", "1100001234"]],
        )
        if fields:
            Deposit.objects.filter(pk=deposit.pk).update(**fields)
    return fresh(deposit)
