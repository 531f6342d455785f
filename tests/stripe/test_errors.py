"""What each answer of Stripe means for money: whether it may have moved, and whether to send again."""

import pytest

from billing.stripe.calls import accounts, refunds
from billing.stripe.errors import Busy, CallFailed, Refused, Unknown
from tests.stripe.scripted import Scripted

# status, code, type, headers → what is raised, after how many requests
CASES = {
    "a refusal": (400, "balance_insufficient", {}, {}, Refused, 1),
    "a refusal without a code": (400, None, {}, {}, Refused, 1),
    "a declined card": (402, "card_declined", {"type": "card_error"}, {}, Refused, 1),
    "nothing there": (404, "resource_missing", {}, {}, Refused, 1),
    "another's account": (403, "account_invalid", {}, {}, Refused, 1),
    "a wrong key": (401, None, {}, {}, Busy, 1),
    "a right that the key lacks": (403, "more_permissions_required", {}, {}, Busy, 1),
    "too many requests": (429, "rate_limit", {}, {}, Busy, 1),
    "a lock": (429, "lock_timeout", {}, {"Stripe-Should-Retry": "true"}, Busy, 3),
    "an old limit": (400, "rate_limit", {}, {}, Busy, 1),
    "a refusal to try again": (400, "x", {}, {"Stripe-Should-Retry": "true"}, Busy, 3),
    "a key in use": (409, "idempotency_key_in_use", {"type": "idempotency_error"}, {}, Unknown, 3),
    "a key of another body": (400, None, {"type": "idempotency_error"}, {}, Unknown, 1),
    "an error at Stripe": (500, None, {"type": "api_error"}, {}, Unknown, 3),
    "a stored error": (500, None, {}, {"Stripe-Should-Retry": "false"}, Unknown, 1),
    "Stripe is away": (503, None, {"type": "api_error"}, {}, Unknown, 3),
    "a failure behind Stripe": (424, None, {"type": "api_error"}, {}, Unknown, 1),
    "a late request": (408, None, {"type": "api_error"}, {}, Unknown, 1),
}


def refund() -> None:
    refunds.create(key="refund:1:1", payment_intent="pi_1", amount_minor=5, metadata={})


@pytest.mark.parametrize("name", CASES)
def test_an_error_means(api: Scripted, name: str) -> None:
    status, code, named, headers, meaning, requests = CASES[name]
    api.error(status, code, headers=headers, **named)
    with pytest.raises(CallFailed) as failed:
        refund()
    assert type(failed.value) is meaning
    assert "req_scripted" in str(failed.value)
    assert len(api.asked) == requests


@pytest.mark.parametrize(
    ("body", "status"), [(b"<html>", 200), (b"", 200), (b"<html>", 502), (b"[1]", 500)]
)
def test_what_cannot_be_read_may_have_happened(api: Scripted, body: bytes, status: int) -> None:
    api.say(body, status)
    with pytest.raises(Unknown):
        refund()


def test_a_refusal_after_a_lost_answer_comes_from_behind_the_key(api: Scripted) -> None:
    """The first request may have happened: only an answer that knows of it may say that money did not move."""
    for status, meaning in ((429, Busy), (401, Busy), (409, Unknown), (400, Refused)):
        api.answers.clear()
        api.say(drop=True)
        api.error(status)
        with pytest.raises(meaning):
            refund()


def test_a_refusal_names_its_code(api: Scripted) -> None:
    api.error(404, "resource_missing")
    with pytest.raises(Refused) as refused:
        refunds.retrieve("re_1")
    assert refused.value.is_missing
    assert refused.value.message == "Request req_scripted: No."
    api.answers.clear()
    api.error(400)
    with pytest.raises(Refused) as refused:
        refunds.retrieve("re_1")
    assert (refused.value.code, refused.value.is_missing) == ("no_code", False)


@pytest.mark.parametrize(
    ("type", "status", "meaning"),
    [
        ("rate_limit", 429, Busy),
        ("quota_exceeded", 429, Busy),
        ("invalid_request", 400, Refused),
        ("blocked_by_stripe", 400, Refused),
        ("idempotency_error", 409, Unknown),
        ("idempotency_error", 400, Unknown),
    ],
)
def test_errors_of_api_v2_mean_the_same(
    api: Scripted, type: str, status: int, meaning: type[CallFailed]
) -> None:
    api.error(status, "some_code", type=type)
    with pytest.raises(CallFailed) as failed:
        accounts.retrieve("acct_1")
    assert failed.type is meaning


def test_other_errors_pass(api: Scripted) -> None:
    """A mistake of ours is not one of Stripe's."""
    with pytest.raises(TypeError):
        refunds.retrieve(None)  # type: ignore[arg-type]
