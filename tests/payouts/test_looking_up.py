"""A transfer whose response was lost is found by reading one page, however many payouts its run has."""

import pytest

from billing.payouts import tasks
from billing.payouts.models import Payout
from billing.stripe.calls import transfers
from rlhfhub.tenancy import planes
from tests.payouts.made import due_now, make_owed, make_payouts
from tests.payouts.test_sending import HOURS, POST, moved
from tests.stripe_emulator.control import Control


def test_an_old_attempt_is_looked_up_in_one_page_however_many_its_run_has(
    stripe: Control, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfers, "PAGE", 1)
    accounts = [stripe.recipient(stripe.client()) for _ in range(4)]
    user, *_others = [make_owed(account=account) for account in accounts]
    make_payouts()
    stripe.fault(POST, "error_after")
    tasks.send()
    stripe.advance(HOURS * 3600 + 60)
    due_now(hours=HOURS)
    tasks.send()
    assert len(stripe.requests("GET /v1/transfers")) == 1
    assert moved(user) == [2_000] * 4
    with planes.as_system():
        assert not Payout.objects.exclude(state="paid").exists()
