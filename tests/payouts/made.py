"""Makes what tests of payouts need: people who are owed something and can be paid, runs, and what became of them."""

from typing import Any
from uuid import uuid4

from django.db import connection
from django.test import override_settings

from billing.ledger.entries import Entry, payable, platform
from billing.ledger.services import post
from billing.payouts import by_hand, making, outcomes, reversals, reversing, runs
from billing.payouts.models import BankPayout, Payout, Reversal
from billing.recipients import services as recipients
from billing.stripe.calls import transfers
from billing.stripe.calls.transfers import Transfer
from billing.stripe.errors import Refused
from rlhfhub.tenancy import clock, planes
from rlhfhub.tenancy.models import User
from rlhfhub.tenancy.planes import Plane
from tests import people
from tests.recipients.made import make_payable


def owe(user: User, amount_minor: int, currency: str = "USD") -> None:
    """Let the user be owed so much, as after a transfer that was taken back: no work needs to be done for it."""
    lines = (
        (platform("stripe_available", currency), -amount_minor),
        (payable(user.pk, currency), amount_minor),
    )
    with planes.as_system():
        post([Entry("transferback", f"transferback:{uuid4()}", None, lines)])


def make_owed(amount_minor: int = 2_000, currency: str = "USD", account: str = "") -> User:
    """Make somebody who is owed so much and can be paid by Stripe."""
    user = people.make_user()
    make_payable(user, account)
    owe(user, amount_minor, currency)
    return user


def make_payouts(currency: str = "") -> None:
    """Begin a run of everybody by command, and make its payouts."""
    runs.begin_by_command(currency)
    list(making.made())


def payouts_of(user: User) -> list[Payout]:
    """Return the user's payouts, the oldest first."""
    with planes.as_system():
        return list(Payout.objects.filter(person_id=user.pk).order_by("id"))


def payout_of(user: User) -> Payout:
    """Return the user's newest payout."""
    return payouts_of(user)[-1]


def due_now(**fields: Any) -> None:
    """Make open payouts due now. Move the begin of their attempts back by `hours`, and their looks by `minutes`."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE billing_payouts_payout DISABLE TRIGGER edge")
        cursor.execute(
            "UPDATE billing_payouts_payout SET next_at = now() - interval '1 second', "
            "sent_at = sent_at - make_interval(hours => %(hours)s), "
            "looked_at = looked_at - make_interval(mins => %(minutes)s) WHERE state IN ('ready', 'sending')",
            {"hours": 0, "minutes": 0} | fields,
        )
        cursor.execute("ALTER TABLE billing_payouts_payout ENABLE TRIGGER edge")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def transfer_for(payout: Payout, id: str = "", **fields: Any) -> Transfer:
    """Return the transfer that Stripe would make for it."""
    with planes.as_system():
        now = clock.now()
    id = id or f"tr_{payout.pk.hex}"
    made = {
        "id": id,
        "destination": payout.destination,
        "group": str(payout.pk),
        "amount_minor": payout.amount_minor,
        "reversed_minor": 0,
        "currency": payout.currency,
        "transaction": f"txn_{id}",
        "created_at": now,
        "metadata": {"payout": str(payout.pk)},
    }
    return Transfer(**made | fields)


def claimed(payout: Payout) -> Payout:
    """Let a worker have claimed it."""
    with planes.as_system():
        Payout.objects.filter(pk=payout.pk).update(state="sending", sent_at=clock.now())
    return payout


def make_bank_payout(user: User, id: str, **fields: Any) -> None:
    """Let Stripe have paid something to the user's bank."""
    with planes.as_system():
        now = clock.now()
        made = {"status": "paid", "amount_minor": 1_250, "currency": "USD", "arrives_at": now}
        BankPayout.objects.create(
            person_id=user.pk, stripe_id=id, created_at=now, looked_at=now, **made | fields
        )


def make_owed_by_hand(amount_minor: int = 2_000) -> User:
    """Make somebody in Kenya who is owed so much, and has told where staff pay to."""
    user = people.make_user(may_be_paid=False)
    people.allow_pay(user, "KE")
    with planes.at_desk(user.pk):
        recipients.save_details(
            person_id=user.pk, words="IBAN KE22", name=user.name, email=user.email
        )
    owe(user, amount_minor)
    return user


def make_world_payouts() -> None:
    """Make payouts of everybody in the world: two are sent and reversed in part, one fails, the others wait."""
    hand = make_owed_by_hand()
    with override_settings(PAYOUT_LEAST={}):
        make_payouts()
    _pay_by_hand(hand)
    with planes.as_system():
        first, second, third, *rest = Payout.objects.filter(rail="stripe_connect").order_by("id")
        assert rest
    for payout in (first, third):
        outcomes.paid(payout.pk, transfer_for(claimed(payout)))
        make_reversal(payout)
    claimed(second)
    for number, payout in enumerate([first, second, third, *rest]):
        make_bank_payout(User.objects.get(pk=payout.person_id), f"po_world{number}")
    outcomes.refused(second.pk, 1, Refused("insufficient_capabilities_for_transfer", "Not active."))


def make_reversal(payout: Payout, amount_minor: int = 1) -> None:
    """Let two members of staff take back so much of a payout that was sent."""
    one, two = (
        people.make_user(name, f"{uuid4().hex}@x.example", is_staff=True)
        for name in ("qzstaff three", "qzstaff four")
    )
    with planes.entered(Plane.STAFF, person=one.pk):
        row = reversals.ask(
            payout_id=payout.pk,
            amount_minor=amount_minor,
            reason="qzstaff: too much",
            actor_id=one.pk,
        )
    with planes.entered(Plane.STAFF, person=two.pk):
        reversals.decide(reversal_id=row.pk, approve=True, actor_id=two.pk)
    with planes.as_system():
        now = clock.now()
        Reversal.objects.filter(pk=row.pk).update(state="sending", sent_at=now)
        payout.refresh_from_db()
    made = transfers.Reversal(
        id=f"trr_{row.pk.hex}",
        transfer=payout.transfer,
        amount_minor=amount_minor,
        currency=payout.currency,
        transaction=f"txn_{row.pk.hex}",
        created_at=now,
        metadata={"reversal": str(row.pk)},
    )
    reversing.done(row, made)


def _pay_by_hand(user: User) -> None:
    payout = payout_of(user)
    for act, name in ((by_hand.enter, "qzstaff one"), (by_hand.confirm, "qzstaff two")):
        staff = people.make_user(name, f"{name[-3:]}@x.example", is_staff=True)
        more = {"reference": "B-1"} if act is by_hand.enter else {}
        with planes.entered(Plane.STAFF, person=staff.pk):
            act(payout_id=payout.pk, actor_id=staff.pk, **more)
