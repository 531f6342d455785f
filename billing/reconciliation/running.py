"""A reconciliation, step by step: read what Stripe did, mirror, match, compare, and keep what does not agree."""

import logging
import uuid
from collections.abc import Iterator
from dataclasses import asdict
from datetime import timedelta

from django.db.models import F
from django.db.models.functions import Now

from billing.reconciliation import differing, matching, mirrors, reading
from billing.reconciliation.models import Difference, Run
from billing.stripe.calls import balance
from billing.stripe.client import is_set_up
from billing.stripe.errors import CallFailed
from rlhfhub.tenancy import clock, planes

log = logging.getLogger(__name__)
#: A full run looks for journals that Stripe knows nothing of among those of so long before.
REACH = timedelta(days=40)
_LIGHT = (
    Difference.Kind.NOT_BOOKED,
    Difference.Kind.OTHER_AMOUNT,
    Difference.Kind.BALANCE,
    Difference.Kind.SUSPENSE,
)


def reconcile(*, is_full: bool) -> Run | None:
    """Reconcile, and note how it went. Called outside transactions.

    Returns: the run; its `error` says why if Stripe did not answer. None if Stripe is not set up.
    """
    if not is_set_up():
        return None
    with planes.as_system():
        run = Run.objects.create(is_full=is_full)
    try:
        for step in _steps(run):
            _note(run.pk, **step)
    except CallFailed as error:
        log.warning("a reconciliation ended early: %s", error)
        _note(run.pk, ended_at=Now(), error=str(error)[:1000] or "Stripe did not answer.")
    with planes.as_system():
        return Run.objects.get(pk=run.pk)


def _steps(run: Run) -> Iterator[dict[str, object]]:
    """Yield what each step adds to the run's row."""
    for new in reading.read(again=run.is_full):
        yield {"entries": F("entries") + new}
    mirrors.mirror()
    for matched in matching.match():
        yield {"matched": F("matched") + matched}
    there = balance.retrieve()
    with planes.as_system():
        held = differing.held(there)
        found = [
            *differing.of_balances(held),
            *differing.of_suspense(),
            *differing.of_entries(),
        ]
        if run.is_full:
            found += differing.of_journals(clock.now() - REACH)
    kinds = Difference.Kind.values if run.is_full else _LIGHT
    yield {
        "differences": differing.keep(found, kinds),
        "balances": {one.currency: asdict(one) for one in held},
        "ended_at": Now(),
    }


def _note(run_id: uuid.UUID, **values: object) -> None:
    with planes.as_system():
        Run.objects.filter(pk=run_id).update(**values)
