"""Sends payouts, each once whatever crashes.

A worker claims a payout and commits `sending` and `sent_at` before it calls Stripe. As long as Stripe keeps the key,
any worker sends the same request again and gets the same transfer. After that nothing is sent blindly: the transfers
of the run are looked through, and only two looks, ten minutes apart, that find none begin a new attempt.
"""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection

from billing.payouts import outcomes
from billing.stripe.calls import transfers
from billing.stripe.calls.sending import KEY_LASTS
from billing.stripe.calls.transfers import Transfer
from billing.stripe.errors import Busy, Refused, Unknown
from rlhfhub.tenancy import planes

#: Longer than the time limit of the task, so that no living worker loses its claim.
CLAIM_SECONDS = 360
LOOK_MINUTES = 10
#: So many calls in a row without an answer end the task: Stripe is away.
MOST_SILENT = 3

_CLAIM = """
    UPDATE billing_payouts_payout SET state = 'sending', tries = LEAST(tries + 1, 1000),
           sent_at = COALESCE(sent_at, clock_timestamp()),
           next_at = clock_timestamp() + make_interval(secs => %s)
    WHERE id = (SELECT id FROM billing_payouts_payout
                WHERE state IN ('ready', 'sending') AND rail = 'stripe_connect' AND next_at <= statement_timestamp()
                ORDER BY next_at LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING id, run_id, person_id, currency, amount_minor, destination, attempt, tries,
              sent_at < clock_timestamp() - make_interval(secs => %s), looks,
              COALESCE(looked_at <= clock_timestamp() - make_interval(mins => %s), false)
"""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A payout that this process sends. `is_old` says that the attempt's key may be forgotten.

    `looked_before` says that a look some minutes ago found no transfer.
    """

    id: uuid.UUID
    run_id: uuid.UUID
    person_id: uuid.UUID
    currency: str
    amount_minor: int
    destination: str
    attempt: int
    tries: int
    is_old: bool
    looks: int
    looked_before: bool


def sent() -> Iterator[int]:
    """Send the payouts that are due, one after the other, until none is left or Stripe does not respond."""
    silent = 0
    while silent < MOST_SILENT and (claimed := _claim()):
        silent = 0 if _send(claimed) else silent + 1
        yield 1


def _claim() -> Claimed | None:
    with planes.as_system(), connection.cursor() as cursor:
        cursor.execute(_CLAIM, [CLAIM_SECONDS, KEY_LASTS.total_seconds(), LOOK_MINUTES])
        row = cursor.fetchone()
    return Claimed(*row) if row else None


def _send(claimed: Claimed) -> bool:
    """Send one payout, and note what became of it. Returns whether Stripe responded."""
    try:
        if claimed.is_old:
            _look(claimed)
        else:
            _create(claimed)
    except (Busy, Unknown) as error:
        outcomes.put_off(claimed.id, claimed.attempt, claimed.tries, str(error))
        return False
    return True


def _create(claimed: Claimed) -> None:
    try:
        made = transfers.create(
            key=f"payout:{claimed.id}:{claimed.attempt}",
            destination=claimed.destination,
            amount_minor=claimed.amount_minor,
            currency=claimed.currency,
            group=str(claimed.run_id),
            metadata={"payout": str(claimed.id), "attempt": str(claimed.attempt)},
        )
    except Refused as error:
        # An earlier request of this attempt may have happened, although this one was refused.
        found = _find(claimed) if claimed.tries > 1 else None
        if found is None:
            outcomes.refused(claimed.id, claimed.attempt, error)
            return
        made = found
    outcomes.paid(claimed.id, made)


def _look(claimed: Claimed) -> None:
    """Adopt the transfer that was made after all; else look once more later, and then begin a new attempt."""
    found = _find(claimed)
    if found:
        outcomes.paid(claimed.id, found)
    elif claimed.looks and claimed.looked_before:
        outcomes.begin_anew(claimed.id, claimed.attempt)
    else:
        outcomes.looked(claimed.id, claimed.attempt)


def _find(claimed: Claimed) -> Transfer | None:
    """Return the payout's transfer, None if Stripe has none. Raises: Busy, Unknown."""
    wanted = str(claimed.id)
    try:
        for transfer in transfers.of_group(str(claimed.run_id)):
            if transfer.metadata.get("payout") == wanted:
                return transfer
    except Refused as error:
        raise Unknown(str(error)) from error
    return None
