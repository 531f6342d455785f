"""The storm: faults of Stripe by chance, workers that are killed by chance, and time that passes by chance."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from django.db import connection

from billing.payouts import runs, sending
from billing.payouts.models import Payout
from rlhfhub.tenancy import planes
from tests.faults.payout_storm.earners import Earners
from tests.faults.payout_storm.workers import Loop, Workers, work
from tests.payouts.made import due_now
from tests.stripe_emulator.control import Control

CREATE, LIST = "POST /v1/transfers", "GET /v1/transfers"
FAULTS = ("drop_before", "drop_after", "error_before", "error_after", "rate_limit", "conflict")
#: The chance of each fault, at each request to make a transfer. Requests to list them fail half as often.
CHANCE = 0.07
WORKERS = 3
LOOK_SECONDS = 0.02
#: Stripe forgets a key after a day; a look for a transfer is repeated after ten minutes.
HOURS, MINUTES = 25, 11
#: A payout that is not sent after these nights without faults and kills is stuck. Errors that Stripe stored under a key
#: are over after the first one, and a look that found nothing is followed by another one.
CALM_NIGHTS = (HOURS, 0, 0, HOURS, 0, 0)
DAY_SECONDS = 180


@dataclass
class Storm:
    """A storm over an emulator. The dice draw its faults, kills and nights; which worker meets them is chance."""

    emulator: Control
    earners: Earners
    dice: Random
    loop: Loop = work
    nights: int = 0
    kills: int = 0

    def rage(self, payouts: int, tell: Callable[[str], None]) -> None:
        """Let so many payouts be made and sent, and the last ones in the calm after it."""
        before = made = count()
        self._plan_faults()
        while made - before < payouts:
            self.earners.earn()
            self._pass_day()
            made = count()
            tell(f"{made - before} payouts, {self.kills} kills, {self.nights} nights")
        self.emulator.post("faults", clear=True)
        for hours in CALM_NIGHTS:
            self._pass_night(hours)
            while is_work_due():
                list(sending.OUTBOX.sent())

    def _plan_faults(self) -> None:
        for fault in FAULTS:
            for operation, chance in ((CREATE, CHANCE), (LIST, CHANCE / 2)):
                seed = self.dice.randrange(2**32)
                self.emulator.fault(operation, fault, count=None, probability=chance, seed=seed)

    def _pass_day(self) -> None:
        """Pay out what is owed, while workers are killed; then the machine dies and time passes."""
        runs.begin_by_command()
        workers = Workers(WORKERS, self.loop, self.dice)
        try:
            self._work_until_nothing_is_due(workers)
        finally:
            workers.kill_all()
            self.kills += workers.kills
        self._pass_night(self.dice.choice((0, 0, HOURS)))

    def _work_until_nothing_is_due(self, workers: Workers) -> None:
        end = time.monotonic() + DAY_SECONDS
        while is_work_due():
            workers.revive()
            assert time.monotonic() < end, "the workers come to no end"
            time.sleep(LOOK_SECONDS)

    def _pass_night(self, hours: int) -> None:
        """Let some minutes pass, or more than a day. What the dead workers had sent has arrived by then."""
        if hours:
            self.emulator.advance(hours * 3600)
        due_now(hours=hours, minutes=MINUTES)
        self.nights += 1


_DUE = """
    SELECT EXISTS (SELECT FROM billing_payouts_payoutrun WHERE made_at IS NULL)
        OR EXISTS (SELECT FROM billing_payouts_payout
                   WHERE state IN ('ready', 'sending') AND next_at <= statement_timestamp())
"""


def is_work_due() -> bool:
    """Return whether a worker has something to do now."""
    with connection.cursor() as cursor:
        cursor.execute(_DUE)
        return bool(cursor.fetchone()[0])


def count() -> int:
    """Return how many payouts there are, sent or not."""
    with planes.as_system():
        return int(Payout.objects.count())
