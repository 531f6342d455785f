"""Makes deposits: through the services and the emulator, and as rows alone where no Stripe is needed."""

import uuid
from datetime import timedelta
from typing import Any

from django.db.models.functions import Now
from django.utils import timezone

from billing.deposits import opening, refunds, services
from billing.deposits.models import Customer, Deposit, Dispute, Refund, StrayPayment
from billing.ledger import entries
from billing.ledger.models import Journal
from billing.ledger.services import post
from billing.stripe import processing, sweep
from projects.items.models import Batch
from rlhfhub.tenancy import planes
from tests.books import totals
from tests.factories import Tenant
from tests.stripe_emulator.control import Control

AMOUNT = 54_000


def ask(tenant: Tenant, amount: int = AMOUNT, batch: Batch | None = None) -> Deposit:
    """Ask for a deposit as the workspace's owner."""
    owner = tenant.owner.pk
    with planes.in_workspace(tenant.pk, owner):
        return services.ask(
            workspace=tenant.workspace, amount_minor=amount, created_by_id=owner, batch=batch
        )


def work_off(of: Any) -> int:
    """Let a worker do all that is due."""
    return len(list(of()))


def opened(tenant: Tenant, amount: int = AMOUNT) -> Deposit:
    """Ask for a deposit, and let a worker make its page."""
    deposit = ask(tenant, amount)
    assert work_off(opening.opened) == 1
    return fresh(deposit)


def fresh(deposit: Deposit) -> Deposit:
    """Return the row as it is now."""
    with planes.as_system():
        return Deposit.objects.select_related("customer", "workspace").get(pk=deposit.pk)


def pay(emulator: Control, deposit: Deposit, method: str = "pm_card_visa") -> str:
    """Pay on Stripe's page. Returns the payment intent."""
    paid = emulator.post("checkout", session=deposit.session_id, method=method)
    return str(paid["payment_intent"])


def tell() -> None:
    """Let the site learn of all events, and act on them."""
    sweep.sweep()
    processing.handle_all()


def paid(emulator: Control, tenant: Tenant, amount: int = AMOUNT) -> Deposit:
    """Pay in, all the way."""
    deposit = opened(tenant, amount)
    pay(emulator, deposit)
    tell()
    deposit = fresh(deposit)
    assert deposit.state == "paid", deposit.state
    return deposit


def dispute(emulator: Control, deposit: Deposit) -> str:
    """Let the bank take the payment back. Returns the dispute's id."""
    return str(emulator.post("disputes", charge=deposit.charge)["id"])


def let_it_be_due(deposit: Deposit) -> None:
    """Let a worker take up the deposit now, as if the time had come."""
    with planes.as_system():
        Deposit.objects.filter(pk=deposit.pk).update(next_at=Now())


def let_time_pass(deposit: Deposit, time: timedelta) -> None:
    """Let the request of the deposit's attempt have been sent so long ago."""
    with planes.as_system():
        Deposit.objects.filter(pk=deposit.pk).update(sent_at=Now() - time, next_at=Now())


def let_look_pass(row: Deposit | Refund) -> None:
    """Let the first look that found nothing of the row's attempt be ten minutes ago."""
    with planes.as_system():
        rows = type(row).objects.filter(pk=row.pk, missed_at__isnull=False)
        assert rows.update(missed_at=Now() - timedelta(minutes=10), next_at=Now())


def books() -> dict[str, int]:
    """Return the sums of all accounts."""
    with planes.as_system():
        return totals()


def causes(kind: str) -> list[str]:
    """Return the causes of the journals of a kind."""
    with planes.as_system():
        return list(Journal.objects.filter(kind=kind).values_list("cause", flat=True))


def assert_books_agree(emulator: Control) -> None:
    """What the ledger says is at Stripe is what is there, pending and available."""
    of_stripe = emulator.get("totals")
    held = of_stripe["accounts"].get(of_stripe["platform"], {}).get("usd", {})
    ours = books()
    assert -ours.get("stripe_pending", 0) == held.get("pending", 0)
    assert -ours.get("stripe_available", 0) == held.get("available", 0)


def make_asked(tenant: Tenant, **fields: Any) -> Deposit:
    """Make a deposit's row without Stripe, as the owner."""
    owner = tenant.owner.pk
    with planes.in_workspace(tenant.pk, owner):
        return Deposit.objects.create(
            workspace=tenant.workspace,
            amount_minor=AMOUNT,
            currency=tenant.workspace.currency,
            created_by_id=owner,
            **fields,
        )


def make_open(tenant: Tenant, mark: str = "", **fields: Any) -> Deposit:
    """Make a deposit with a page, without Stripe."""
    deposit, token = make_asked(tenant, **fields), f"{mark}{uuid.uuid4().hex}"
    with planes.as_system():
        customer, _ = Customer.objects.get_or_create(
            workspace_id=tenant.pk,
            is_live=False,
            defaults={"name": tenant.workspace.name, "stripe_id": f"cus_{token}"},
        )
        Deposit.objects.filter(pk=deposit.pk).update(
            attempt=1, sent_at=Now(), customer=customer, state="open",
            session_id=f"cs_{token}", page_url=f"https://stripe.example/{token}",
        )  # fmt: skip
    return fresh(deposit)


def make_failed(tenant: Tenant) -> Deposit:
    """Make a deposit that failed, without Stripe."""
    deposit = make_open(tenant)
    with planes.as_system():
        Deposit.objects.filter(pk=deposit.pk).update(
            state="failed", page_url="", error="Your card was declined."
        )
    return fresh(deposit)


def make_paid(tenant: Tenant, mark: str = "", **fields: Any) -> Deposit:
    """Make a deposit that was paid and is clear, without Stripe."""
    deposit, token = make_open(tenant, mark, **fields), f"{mark}{uuid.uuid4().hex}"
    money = {"workspace_id": tenant.pk, "currency": deposit.currency}
    with planes.as_system():
        post(
            [
                entries.payment(amount_minor=AMOUNT, payment_intent=f"pi_{token}", **money),
                entries.stripe_fee(amount_minor=100, transaction=f"txn_{token}", **money),
                entries.clearing(net_minor=AMOUNT - 100, transaction=f"txn_{token}", **money),
            ]
        )
        Deposit.objects.filter(pk=deposit.pk).update(
            state="paid", page_url="", payment_intent=f"pi_{token}", charge=f"ch_{token}", paid_by="card",
            received_minor=AMOUNT, paid_at=Now(), receipt_url=f"https://stripe.example/receipt/{token}",
            transaction=f"txn_{token}", fee_minor=100, available_at=Now(), cleared_at=Now(),
        )  # fmt: skip
    return fresh(deposit)


def make_converted(tenant: Tenant, payment_intent: str) -> Deposit:
    """Make a deposit that was paid, and whose money Stripe converted to EUR."""
    deposit = make_open(tenant)
    money = {"workspace_id": tenant.pk, "currency": deposit.currency}
    with planes.as_system():
        post([entries.payment(amount_minor=AMOUNT, payment_intent=payment_intent, **money)])
        Deposit.objects.filter(pk=deposit.pk).update(
            state="paid", page_url="", payment_intent=payment_intent, charge=f"ch_{payment_intent}",
            received_minor=AMOUNT, paid_at=Now(), settled_in="EUR",
        )  # fmt: skip
    return fresh(deposit)


def make_disputed(deposit: Deposit) -> Dispute:
    """Make a dispute of a paid deposit that is open, without Stripe."""
    money = {"workspace_id": deposit.workspace_id, "currency": deposit.currency}
    token = f"du_{uuid.uuid4().hex}"
    with planes.as_system():
        dispute = Dispute.objects.create(
            deposit=deposit,
            dispute_id=token,
            amount_minor=AMOUNT,
            reason="fraudulent",
            status="needs_response",
            opened_at=timezone.now(),
            **money,
        )
        post([entries.dispute(free_minor=AMOUNT, owed_minor=0, dispute_id=token, **money)])
        Dispute.objects.filter(pk=dispute.pk).update(state="open")
    return dispute


def make_lost(deposit: Deposit) -> None:
    """Make a dispute of a paid deposit that was lost, without Stripe."""
    dispute = make_disputed(deposit)
    money = {"workspace_id": deposit.workspace_id, "currency": deposit.currency}
    with planes.as_system():
        post([entries.dispute_lost(amount_minor=AMOUNT, dispute_id=dispute.dispute_id, **money)])
        Dispute.objects.filter(pk=dispute.pk).update(state="lost", closed_at=Now())


def make_won(deposit: Deposit) -> None:
    """Make a dispute of a paid deposit that was won, without Stripe."""
    dispute = make_disputed(deposit)
    money = {"workspace_id": deposit.workspace_id, "currency": deposit.currency}
    with planes.as_system():
        post(
            [
                entries.dispute_won(
                    free_minor=AMOUNT, owed_minor=0, dispute_id=dispute.dispute_id, **money
                )
            ]
        )
        Dispute.objects.filter(pk=dispute.pk).update(state="won", closed_at=Now())


def make_refund(deposit: Deposit, amount: int) -> Refund:
    """Let a workspace ask for a part of a deposit back, without Stripe."""
    with planes.in_workspace(deposit.workspace_id):
        return Refund.objects.create(
            workspace_id=deposit.workspace_id,
            deposit=deposit,
            way="stripe",
            amount_minor=amount,
            currency=deposit.currency,
        )


def ask_back(tenant: Tenant, amount: int) -> list[Refund]:
    """Ask for money back as the workspace's owner."""
    owner = tenant.owner.pk
    with planes.in_workspace(tenant.pk, owner):
        return refunds.ask(workspace=tenant.workspace, amount_minor=amount, created_by_id=owner)


def refund_rows() -> list[Refund]:
    """Return all refunds."""
    with planes.as_system():
        return list(Refund.objects.select_related("deposit").order_by("id"))


def the_refund() -> Refund:
    """Return the only refund."""
    (found,) = refund_rows()
    return found


def make_stray(mark: str = "") -> StrayPayment:
    """Make a payment that fits no deposit."""
    with planes.as_system():
        return StrayPayment.objects.create(
            stripe_id=f"pi_stray_{mark}{uuid.uuid4().hex}",
            customer="cus_nobody",
            amount_minor=5_000,
            currency="USD",
            reason="Its customer is none of ours.",
        )
