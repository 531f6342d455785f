"""Only what Stripe has signed just now is read. A refusal does not ask the database: a test without `db` may not."""

import pytest
from django.test import Client

from tests.stripe.made import signature, snapshot
from tests.stripe.sent import post, refused

pytestmark = pytest.mark.usefixtures("set_up", "asks_nothing")


def test_a_forged_event_is_refused() -> None:
    body = snapshot()
    forged = {
        "none": None,
        "another body's": signature(snapshot()),
        "another secret's": signature(body, "whsec_other"),
        "another endpoint's": signature(body, "whsec_connect"),
        "no scheme that we know": signature(body).replace("v1=", "v0="),
        "no time": signature(body).partition(",")[2],
        "nonsense": "x",
        "not ASCII": "t=1,v1=é",
        "an empty secret's": signature(body, ""),
    }
    answers = {name: post(body, signed) for name, signed in forged.items()}
    assert {name: refused(answer) for name, answer in answers.items()} == dict.fromkeys(
        forged, "bad_signature"
    )
    assert len({answer.content for answer in answers.values()}) == 1, "it tells how near it came"


def test_a_body_that_is_no_text_is_refused() -> None:
    answer = Client().generic(
        "POST",
        "/webhooks/stripe/platform/",
        b"\xff\xfe",
        "application/json",
        HTTP_STRIPE_SIGNATURE=signature("x"),
    )
    assert refused(answer) == "bad_signature"


@pytest.mark.parametrize("ago", [301, 86_400, -310, -86_400])
def test_a_signature_of_another_time_is_refused(ago: float) -> None:
    body = snapshot()
    assert refused(post(body, signature(body, ago=ago))) == "bad_time"


@pytest.mark.parametrize("ago", [290, -290])
def test_clocks_may_differ_a_little(db: None, ago: float) -> None:
    body = snapshot()
    assert post(body, signature(body, ago=ago)).status_code == 200


def test_the_time_of_a_signature_is_read_in_one_way_only() -> None:
    """The SDK signs with the first time it finds; nobody may choose which one we compare with the clock."""
    body = snapshot()
    at, _, rest = signature(body).partition(",")
    old = signature(body, ago=86_400)
    for header in (f"{at},t=1,{rest}", f"{old},{at}", f"{at.replace('t=', 't= ')},{rest}"):
        assert refused(post(body, header)) == "bad_time"
