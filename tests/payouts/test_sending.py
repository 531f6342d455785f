"""A payout is sent once, whatever becomes of the calls and of the workers."""

from typing import Any

import pytest
from django.db import connection

from billing.ledger.models import Journal
from billing.payouts import notices, outcomes, sending, tasks, watch
from billing.payouts.models import Payout
from billing.stripe import outbox
from billing.stripe.calls import transfers
from billing.stripe.calls.transfers import Transfer
from billing.stripe.errors import Refused, Unknown
from rlhfhub import invariants
from rlhfhub.notices.models import Notice
from rlhfhub.tenancy import planes
from rlhfhub.tenancy.models import User
from tests.payouts.at_stripe import transfers_of_run
from tests.payouts.made import claimed, due_now, make_owed, make_payouts, payout_of, transfer_for
from tests.payouts.test_making import balances
from tests.recipients.made import recipient_of
from tests.stripe_emulator.control import Control

POST = "POST /v1/transfers"
HOURS = 24


def owed_at_stripe(emulator: Control, amount_minor: int = 2_000) -> User:
    """Somebody with an account in the emulator, whose payout is made."""
    account = emulator.recipient(emulator.client())
    user = make_owed(amount_minor, account=account)
    make_payouts()
    return user


def moved(user: User) -> list[int]:
    """The amounts of the transfers that Stripe has for the user's payouts."""
    return [one.amount_minor for one in transfers_of_run(payout_of(user).run_id)]


def journals(kind: str) -> list[str]:
    with planes.as_system():
        rows = Journal.objects.filter(kind=kind).order_by("cause")
        return list(rows.values_list("cause", flat=True))


def told(user: User) -> list[str]:
    with planes.as_system():
        rows = Notice.objects.filter(person_id=user.pk).order_by("id")
        return list(rows.values_list("kind", flat=True))


def broken() -> list[str]:
    """The invariants of payouts that do not hold. Journals that only the tests' money has are left out."""
    return [one.invariant.says for one in invariants.verify(["M4"]) if not one.holds]


def test_a_payout_is_sent_and_booked(stripe: Control) -> None:
    user = owed_at_stripe(stripe)
    tasks.send()
    paid = payout_of(user)
    (transfer,) = transfers.of_group(str(paid.pk))
    assert (paid.state, paid.transfer, paid.tries) == ("paid", transfer.id, 1)
    ids = {"payout": str(paid.pk), "run": str(paid.run_id)}
    assert transfer.metadata == ids | {"attempt": "1"}
    assert transfer.destination == recipient_of(user).account
    assert journals("transfer") == [f"transfer:{transfer.id}"]
    assert journals("transferred") == [f"transferred:{transfer.transaction}"]
    assert balances(user) == {"payable": 0, "in_payout": 0}
    assert told(user) == ["pay.sent"]
    (request,) = stripe.requests(POST)
    assert request["idempotency_key"] == f"payout:{paid.pk}:1"
    tasks.send()
    assert len(stripe.requests(POST)) == 1
    assert broken() == []


#: How often each fault must hit until the SDK gives up.
FAULTS = {
    **dict.fromkeys(
        ("drop_before", "drop_after", "conflict", "timeout_before", "timeout_after"), 3
    ),
    **dict.fromkeys(("error_before", "error_after", "rate_limit"), 1),
}


@pytest.mark.parametrize(("fault", "count"), FAULTS.items(), ids=FAULTS)
def test_a_lost_answer_pays_once(stripe: Control, fault: str, count: int) -> None:
    user = owed_at_stripe(stripe)
    stripe.fault(POST, fault, seconds=0.2, count=count)
    tasks.send()
    assert payout_of(user).state == "sending"
    assert payout_of(user).error_words
    assert balances(user) == {"payable": 0, "in_payout": 2_000}
    for hours in (0, HOURS, 0, 0):
        due_now(hours=hours, minutes=11)
        tasks.send()
    assert payout_of(user).state == "paid"
    assert moved(user) == [2_000]
    assert broken() == []


@pytest.mark.parametrize("point", ["before the call", "after the call", "within the outcome"])
def test_a_worker_that_dies_is_followed_by_another(
    stripe: Control, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    user = owed_at_stripe(stripe)
    create, tell = transfers.create, notices.tell_paid

    def dies(*given: Any, **named: Any) -> Any:
        if point == "after the call":
            create(**named)
        raise KeyboardInterrupt

    where = (notices, "tell_paid") if point == "within the outcome" else (transfers, "create")
    monkeypatch.setattr(*where, dies)
    with pytest.raises(KeyboardInterrupt):
        tasks.send()
    monkeypatch.setattr(transfers, "create", create)
    monkeypatch.setattr(notices, "tell_paid", tell)
    tasks.send()
    assert payout_of(user).state == "sending", "the claim lasts until nobody can hold it"
    due_now()
    tasks.send()
    assert payout_of(user).state == "paid"
    assert moved(user) == [2_000]
    assert journals("transfer") == [f"transfer:{payout_of(user).transfer}"]


def test_an_old_attempt_is_looked_up_and_adopted(
    stripe: Control, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stripe forgets keys after a day: sent again, it would pay twice."""
    user = owed_at_stripe(stripe)
    stripe.fault(POST, "error_after")
    tasks.send()
    stripe.advance(HOURS * 3600 + 60)
    due_now(hours=HOURS)
    monkeypatch.setattr(transfers, "create", None)
    tasks.send()
    assert payout_of(user).state == "paid"
    assert moved(user) == [2_000]


def test_an_old_attempt_without_a_transfer_is_begun_anew_after_two_looks(stripe: Control) -> None:
    user = owed_at_stripe(stripe)
    stripe.fault(POST, "error_before")
    tasks.send()
    stripe.advance(HOURS * 3600 + 60)
    due_now(hours=HOURS)
    tasks.send()
    assert (payout_of(user).state, payout_of(user).looks) == ("sending", 1)
    due_now(minutes=5)
    tasks.send()
    assert (payout_of(user).attempt, payout_of(user).looks) == (1, 2), "it looked too soon"
    due_now(minutes=6)
    tasks.send()
    found = payout_of(user)
    assert (found.state, found.attempt, moved(user)) == ("paid", 2, [2_000])
    assert stripe.requests(POST)[-1]["idempotency_key"] == f"payout:{found.pk}:2"


def test_a_look_that_fails_decides_nothing(
    stripe: Control, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(_: str) -> Any:
        raise Refused("strange", "No.")

    user = owed_at_stripe(stripe)
    claimed(payout_of(user))
    due_now(hours=HOURS)
    monkeypatch.setattr(transfers, "of_group", refused)
    tasks.send()
    assert (payout_of(user).state, payout_of(user).looks) == ("sending", 0)


def test_without_money_of_ours_a_payout_waits(emulator: Control, db: None) -> None:
    user = owed_at_stripe(emulator)
    tasks.send()
    found = payout_of(user)
    assert (found.state, found.attempt, found.error_code) == ("ready", 2, "balance_insufficient")
    assert "balance at Stripe is too small: 1 (USD)" in watch.warnings()[0]
    assert told(user) == []
    tasks.send()
    assert len(emulator.requests(POST)) == 1, "it waits an hour"
    emulator.fund(5_000)
    due_now()
    tasks.send()
    assert (payout_of(user).state, payout_of(user).error_code) == ("paid", "")
    assert watch.warnings() == []


def test_a_disabled_account_gets_nothing_and_its_person_keeps_what_is_owed(stripe: Control) -> None:
    user = owed_at_stripe(stripe)
    account = recipient_of(user).account
    stripe.post("accounts", account=account, stripe_transfers="restricted")
    tasks.send()
    found = payout_of(user)
    assert (found.state, found.error_code) == ("failed", "insufficient_capabilities_for_transfer")
    assert balances(user) == {"payable": 2_000, "in_payout": 0}
    assert journals("payoutfail") == [f"payoutfail:{found.pk}"]
    assert told(user) == ["pay.failed"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT look_at <= clock_timestamp() FROM billing_recipients_recipient")
        assert cursor.fetchone() == (True,)
    assert broken() == []


def test_a_refusal_after_an_unknown_answer_is_not_believed(
    stripe: Control, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first request was lost after it took effect; the second one is refused before its key is compared."""
    user = owed_at_stripe(stripe)
    stripe.fault(POST, "error_after")
    tasks.send()

    def refused(**_: Any) -> Transfer:
        raise Refused("account_invalid", "Not yours.")

    monkeypatch.setattr(transfers, "create", refused)
    due_now()
    tasks.send()
    assert payout_of(user).state == "paid"
    assert moved(user) == [2_000]


def test_two_workers_with_one_answer_book_it_once(stripe: Control) -> None:
    user = owed_at_stripe(stripe)
    tasks.send()
    (transfer,) = transfers.of_group(str(payout_of(user).pk))
    outcomes.paid(payout_of(user).pk, transfer)
    outcomes.refused(payout_of(user).pk, 1, Refused("late", "No."))
    assert (payout_of(user).state, journals("payoutfail")) == ("paid", [])


@pytest.mark.parametrize(
    "fields", [{"amount_minor": 1}, {"currency": "EUR"}, {"destination": "acct_other"}]
)
def test_a_transfer_of_something_else_is_not_booked(
    db: None, fields: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    user = make_owed()
    make_payouts()
    payout = claimed(payout_of(user))
    with pytest.raises(Unknown, match="does not fit"):
        outcomes.paid(payout.pk, transfer_for(payout, **fields))
    assert "does not fit" in caplog.text
    assert journals("transfer") == []


def test_a_transfer_without_a_transaction_is_booked_all_the_same(db: None) -> None:
    user = make_owed()
    make_payouts()
    payout = claimed(payout_of(user))
    outcomes.paid(payout.pk, transfer_for(payout, transaction=""))
    assert journals("transferred") == []
    assert len(journals("transfer")) == 1


def test_stripe_away_ends_the_task_after_some_calls(stripe: Control) -> None:
    for _ in range(outbox.MOST_SILENT + 1):
        make_owed(account=stripe.recipient(stripe.client()))
    make_payouts()
    stripe.fault(POST, "rate_limit", count=20)
    assert len(list(sending.OUTBOX.sent())) == outbox.MOST_SILENT
    with planes.as_system():
        assert Payout.objects.filter(state="ready").count() == 1


def test_nothing_is_sent_without_a_key(stripe: Control, settings: Any) -> None:
    user = owed_at_stripe(stripe)
    settings.STRIPE_SECRET_KEY = ""
    tasks.send()
    assert payout_of(user).state == "ready"


def test_staff_are_warned_of_an_unknown_outcome(db: None) -> None:
    user = make_owed()
    make_payouts()
    claimed(payout_of(user))
    assert watch.warnings() == []
    due_now(hours=2)
    assert "outcome is unknown: 1" in watch.warnings()[0]
