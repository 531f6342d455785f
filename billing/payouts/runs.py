"""Begins payout runs: once a week, when a person asks, and by a command. Making the payouts is `making.py`'s."""

import uuid
from datetime import date, timedelta

from django.conf import settings
from django.db import connection, transaction

from billing.accruals.selectors import payable
from billing.payouts.models import OPEN, Payout, PayoutRun
from billing.payouts.selectors import least
from billing.recipients.models import BY_HAND, Recipient
from billing.stripe.calls.sending import takes
from rlhfhub.events import broker
from rlhfhub.ground.ids import uuid7
from rlhfhub.ground.money import format_minor
from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy import clock, planes

_BEGIN = """
    INSERT INTO billing_payouts_payoutrun (id, kind, day, currency) VALUES (%s, %s, %s, %s)
    ON CONFLICT DO NOTHING
"""
_ASK = """
    INSERT INTO billing_payouts_payoutrun (id, kind, person_id) VALUES (%s, 'asked', %s) ON CONFLICT DO NOTHING
"""


def due_day(today: date) -> date:
    """Return the latest weekday of payouts, today or before."""
    return today - timedelta(days=(today.weekday() - settings.PAYOUT_WEEKDAY) % 7)


def begin_due() -> bool:
    """Begin this week's run unless it has begun. A week in which nothing ran is not made up for.

    Returns: whether it is new.
    """
    with planes.as_system():
        day = due_day(clock.now().date())
        is_new = _begin(PayoutRun.Kind.SCHEDULED, day, "")
        if is_new:
            transaction.on_commit(_enqueue)
    return is_new


def begin_by_command(currency: str = "") -> None:
    """Begin a run of everybody now, for the command `pay_out`. Least amounts hold for it too."""
    with planes.as_system():
        _begin(PayoutRun.Kind.COMMAND, None, currency)
        transaction.on_commit(_enqueue)


def _begin(kind: str, day: date | None, currency: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_BEGIN, [uuid7(), kind, day, currency])
        return cursor.rowcount == 1


def ask(*, person_id: uuid.UUID) -> None:
    """Ask for a payout of what the person is owed now, in each currency. Annotator plane of the person.

    Asked twice before it is made, it is made once.

    Raises: Refused for who cannot be paid by Stripe, and where nothing can be paid now, saying why.
    """
    recipient = Recipient.objects.filter(person_id=person_id).first()
    if recipient is None or not recipient.can_be_paid:
        words = "We cannot send you money yet. “How you are paid” says what is missing."
        raise Refused("cannot_be_paid", words, status=409)
    if recipient.rail == BY_HAND:
        words = "Where you live our staff send the money by hand, so it cannot be asked for here."
        raise Refused("by_hand", words, status=409)
    _check_amounts(person_id)
    with connection.cursor() as cursor:
        cursor.execute(_ASK, [uuid7(), person_id])
    transaction.on_commit(_enqueue)


def _check_amounts(person_id: uuid.UUID) -> None:
    owed = {currency: n for currency, n in payable(person_id).items() if n and takes(currency)}
    if not owed:
        raise Refused("nothing_owed", "Nothing is owed to you now.", status=409)
    enough = {currency for currency, n in owed.items() if n >= least(currency)}
    if not enough:
        amounts = ", ".join(format_minor(least(currency), currency) for currency in sorted(owed))
        raise Refused("too_little", f"The least amount of a payout is {amounts}.", status=409)
    on_its_way = Payout.objects.filter(person_id=person_id, state__in=OPEN, currency__in=enough)
    if on_its_way.values("currency").distinct().count() == len(enough):
        words = "A payout is on its way to you. Ask again when it has arrived."
        raise Refused("on_its_way", words, status=409)


def _enqueue() -> None:
    broker.enqueue("payouts.make", expires=60)
