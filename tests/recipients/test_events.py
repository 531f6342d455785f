"""Events of Stripe end in a look at the account, and a look that fails is made again."""

import pytest

from billing.recipients import seeing
from billing.stripe import handles
from billing.stripe.errors import Unknown
from billing.stripe.events import CONNECT, THIN
from rlhfhub.tenancy.models import User
from tests.recipients.made import make_payable, recipient_of
from tests.recipients.test_work import due_again
from tests.stripe.made import event
from tests.stripe_emulator.control import Control


@pytest.mark.parametrize(
    ("type", "fields"),
    [
        ("v2.core.account[requirements].updated", {"endpoint": THIN}),
        ("account.external_account.updated", {"endpoint": CONNECT, "object_id": "ba_1"}),
        ("account.updated", {"endpoint": CONNECT, "object_id": "acct_1"}),
    ],
)
def test_events_look_at_the_account(
    user: User, monkeypatch: pytest.MonkeyPatch, type: str, fields: dict[str, str]
) -> None:
    seen: list[str] = []
    monkeypatch.setattr(seeing, "see", seen.append)
    for one in (
        event(type, account="acct_1", **fields),
        event(type, account="", object_id="acct_1"),
    ):
        for handler in handles.handlers_of(type):
            handler(one)
    assert seen == ["acct_1", "acct_1"]


def test_an_account_of_nobody_here_is_not_asked_about(db: None, set_up: None) -> None:
    seeing.see("acct_elsewhere")


def test_what_cannot_be_read_is_asked_again(
    user: User, monkeypatch: pytest.MonkeyPatch, emulator: Control
) -> None:
    make_payable(user, "acct_strange")
    monkeypatch.setattr(seeing, "GONE", ())
    with pytest.raises(Unknown):
        seeing.see("acct_strange")
    assert recipient_of(user).can_be_paid
    due_again(user)
    assert list(seeing.seen()) == [1]
    assert recipient_of(user).look_at > recipient_of(user).looked_at
