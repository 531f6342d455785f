"""The requests that the webhook endpoints answer: their size, their method, and nothing of a session."""

import pytest
from django.test import Client

from billing.stripe import inbound
from rlhfhub.web import bodies
from tests.stripe.made import signature, snapshot, written
from tests.stripe.sent import post, refused, rows

pytestmark = pytest.mark.usefixtures("set_up", "asks_nothing")


def test_a_body_may_be_large_but_not_larger(db: None) -> None:
    body = snapshot(padding="")
    room = inbound.MOST_BYTES - len(written(body))
    fits, exceeds = ({**body, "padding": "x" * (room + more)} for more in (0, 1))
    assert post(exceeds).status_code == 413
    assert post(exceeds).json()["code"] == "too_large"
    assert rows() == []
    assert post(fits).status_code == 200


def test_a_body_that_is_only_announced_is_not_asked_for() -> None:
    """The server announces bodies of more than 4 MiB, and sends them only to who wants them."""
    answer = post(snapshot(), **{bodies.STATE: bodies.State.ANNOUNCED})
    assert answer.status_code == 413


def test_a_chunked_body_is_refused() -> None:
    answer = Client().generic(
        "POST", "/webhooks/stripe/platform/", b"", HTTP_TRANSFER_ENCODING="chunked"
    )
    assert (answer.status_code, answer.json()["code"]) == (411, "length_required")


def test_a_body_that_breaks_off_is_refused() -> None:
    more = {"wsgi.input": bodies.Unread(), "CONTENT_LENGTH": "10"}
    assert refused(post("", **more)) == "interrupted"


def test_a_body_without_a_length_is_empty() -> None:
    assert refused(post("", CONTENT_LENGTH="")) == "bad_json"


def test_unknown_endpoints_and_other_methods() -> None:
    path = "/webhooks/stripe/platform/"
    assert Client().post("/webhooks/stripe/other/").status_code == 404
    assert Client().get(path).status_code == 405
    assert Client().put(path).status_code == 405
    assert Client().post(f"{path}?x=1").status_code == 404


def test_the_schema_of_rest_does_not_list_them(db: None) -> None:
    assert b"webhooks" not in Client().get("/api/v1/schema/").content


def test_no_form_token_and_no_cookie(db: None) -> None:
    body = snapshot()
    answer = Client(enforce_csrf_checks=True).generic(
        "POST",
        "/webhooks/stripe/platform/",
        written(body),
        "application/json",
        HTTP_STRIPE_SIGNATURE=signature(body),
    )
    assert answer.status_code == 200
    assert not answer.cookies
    assert "no-store" in answer["Cache-Control"]


def test_a_refusal_is_logged_without_what_was_sent(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("WARNING", logger="billing.stripe.views"):
        post(snapshot(id="evt_secret"), None)
    (line,) = [each for each in caplog.records if each.name == "billing.stripe.views"]
    assert (line.getMessage(), line.code) == (  # type: ignore[attr-defined]
        "a webhook was refused at platform",
        "bad_signature",
    )
    assert "evt_secret" not in caplog.text
