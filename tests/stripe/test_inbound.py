"""What the webhook endpoints take: each event once, whatever Stripe repeats."""

from typing import Any

import pytest

from billing.stripe.models import InboundEvent
from rlhfhub.events import broker
from tests.stripe.made import AT, SECRETS, signature, snapshot, thin
from tests.stripe.sent import post, refused, rows

pytestmark = pytest.mark.usefixtures("set_up", "asks_nothing")


def test_an_event_is_stored_and_a_worker_is_asked_for(
    db: None, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(broker, "enqueue", lambda name, **_: asked.append(name))
    body = snapshot(account="acct_7")
    with django_capture_on_commit_callbacks(execute=True):
        answer = post(body)
    assert (answer.status_code, answer.json()) == (200, {"status": "stored"})
    assert asked == ["stripe.process"]
    (row,) = rows()
    assert (row.endpoint, row.event_id, row.type) == ("platform", body["id"], body["type"])
    assert (row.account, row.object_kind, row.object_id) == ("acct_7", "payment_intent", "pi_1")
    assert (row.state, row.attempts, row.happened_at) == ("waiting", 0, AT)


def test_a_thin_event_is_stored(db: None) -> None:
    assert post(thin(context="org_1/acct_1"), endpoint="thin").status_code == 200
    (row,) = rows()
    assert (row.endpoint, row.account, row.object_id) == ("thin", "acct_1", "acct_1")
    assert row.happened_at.microsecond == 250_000


def test_what_an_event_says_of_its_object_is_not_kept(db: None) -> None:
    kept = {field.name for field in InboundEvent._meta.fields}
    assert post(snapshot(data={"object": {"id": "acct_1", "object": "account", "email": "x"}}))
    assert kept == {
        *("id", "endpoint", "event_id", "type", "account", "object_kind", "object_id"),
        *("happened_at", "received_at", "state", "attempts", "next_at", "error", "ended_at"),
    }


def test_a_duplicate_is_stored_once(
    db: None, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(broker, "enqueue", lambda name, **_: asked.append(name))
    body = snapshot()
    with django_capture_on_commit_callbacks(execute=True):
        answers = [post(body).json()["status"] for _ in range(3)]
    assert answers == ["stored", "known", "known"]
    assert len(rows()) == len(asked) == 1


def test_two_endpoints_store_an_event_each(db: None) -> None:
    body = snapshot()
    assert {post(body, endpoint=name).status_code for name in ("platform", "connect")} == {200}
    assert [row.endpoint for row in rows()] == ["platform", "connect"]


def test_an_object_without_an_id_and_an_event_without_an_object(db: None) -> None:
    assert post(snapshot(data={"object": {"object": "balance"}})).status_code == 200
    assert post(thin(related_object=None, context=None), endpoint="thin").status_code == 200
    assert [(row.object_kind, row.object_id) for row in rows()] == [("balance", ""), ("", "")]


def test_while_a_secret_is_rolled_both_are_taken(db: None, settings: Any) -> None:
    settings.STRIPE_WEBHOOK_SECRETS = {**SECRETS, "platform": ["whsec_new", "whsec_platform"]}
    for secret in ("whsec_new", "whsec_platform"):
        body = snapshot()
        assert post(body, signature(body, secret)).status_code == 200
    body = snapshot()
    old, new = (signature(body, secret) for secret in ("whsec_platform", "whsec_new"))
    assert post(body, f"{old},{new.partition(',')[2]}").status_code == 200
    assert refused(post(snapshot(), signature(snapshot(), "whsec_third"))) == "bad_signature"
    assert len(rows()) == 3
