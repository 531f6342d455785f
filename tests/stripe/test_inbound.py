"""What the webhook endpoints take and refuse. A refusal does not ask the database: a test without `db` may not."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client

from billing.stripe import inbound
from billing.stripe.models import InboundEvent
from rlhfhub.events import broker
from rlhfhub.tenancy import planes
from rlhfhub.web import bodies
from tests.stripe.made import AT, SECRETS, signature, snapshot, thin, written

pytestmark = pytest.mark.usefixtures("set_up")


@pytest.fixture(autouse=True)
def _nothing_is_asked(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail a test without the fixture `db` that begins a transaction."""
    if "db" in request.fixturenames:
        return

    def asked(*_: Any) -> None:
        raise AssertionError("the database was asked")

    monkeypatch.setattr(planes, "_stand", asked)
    monkeypatch.setattr(connection, "ensure_connection", asked)


def post(body: Any, signed: str | None = "", endpoint: str = "platform", **more: Any) -> Any:
    """Send a body to an endpoint, signed by its first secret unless `signed` is another header, or None for none."""
    if signed == "":
        signed = signature(body, SECRETS[endpoint][0])
    headers = {} if signed is None else {"HTTP_STRIPE_SIGNATURE": signed}
    path = f"/webhooks/stripe/{endpoint}/"
    return Client().generic(
        "POST", path, written(body), "application/json; charset=utf-8", **headers, **more
    )


def refused(answer: Any) -> str:
    """Return the code of a refusal."""
    assert answer.status_code == 400, answer.content
    return str(answer.json()["code"])


def rows() -> list[InboundEvent]:
    with planes.as_system():
        return list(InboundEvent.objects.order_by("id"))


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


@pytest.mark.parametrize("body", ["nonsense", "", "{", "[" * 100_000, "1" * 5_000])
def test_what_is_not_json_is_refused(body: str) -> None:
    assert refused(post(body)) == "bad_json"


@pytest.mark.parametrize("body", ["[]", "1", "{}", '"event"', '{"object": "charge"}'])
def test_what_is_no_event_is_refused(body: str) -> None:
    assert refused(post(body)) == "bad_event"


STRANGE: dict[str, dict[str, Any]] = {
    "another object's id": {"id": "ch_1"},
    "no id": {"id": None},
    "a long id": {"id": "evt_" + "x" * 200},
    "a type of two words": {"type": "a b"},
    "a number for a type": {"type": 1},
    "a text for the mode": {"livemode": "false"},
    "no mode": {"livemode": None},
    "no time": {"created": None},
    "a word for a time": {"created": "soon"},
    "no data": {"data": None},
    "no object": {"data": {"object": None}},
    "an object of no kind": {"data": {"object": {"id": "pi_1"}}},
    "an object's odd id": {"data": {"object": {"id": "a'; --", "object": "charge"}}},
    "an account's odd id": {"account": "acct 1"},
    "a list of accounts": {"account": ["acct_1"]},
    "a number for a version": {"api_version": 5},
}


@pytest.mark.parametrize("name", STRANGE)
def test_a_strange_event_is_refused(name: str) -> None:
    assert refused(post(snapshot(**STRANGE[name]))) == "bad_event"


@pytest.mark.parametrize("name", ["id", "created", "type", "related_object"])
def test_a_strange_thin_event_is_refused(name: str) -> None:
    strange = {"id": "x", "created": "soon", "type": "", "related_object": {"id": "acct_1"}}
    assert refused(post(thin(**{name: strange[name]}), endpoint="thin")) == "bad_event"


@pytest.mark.parametrize("endpoint", ["platform", "connect"])
def test_a_thin_event_is_refused_where_snapshots_go(endpoint: str) -> None:
    assert refused(post(thin(), endpoint=endpoint)) == "wrong_payload"


def test_a_snapshot_is_refused_where_thin_events_go() -> None:
    assert refused(post(snapshot(), endpoint="thin")) == "wrong_payload"


def test_an_event_of_the_other_mode_is_refused(settings: Any) -> None:
    assert refused(post(snapshot(livemode=True))) == "wrong_mode"
    assert refused(post(thin(livemode=True), endpoint="thin")) == "wrong_mode"
    settings.STRIPE_SECRET_KEY = "sk_live_1"
    assert refused(post(snapshot())) == "wrong_mode"


def test_a_live_endpoint_of_connected_accounts_gets_test_events_too(settings: Any) -> None:
    """Stripe sends them there and would give the endpoint up; nothing is stored."""
    settings.STRIPE_SECRET_KEY = "sk_live_1"
    answer = post(snapshot(account="acct_1"), endpoint="connect")
    assert (answer.status_code, answer.json()["code"]) == (200, "wrong_mode")
    settings.STRIPE_SECRET_KEY = "sk_test_1"
    assert refused(post(snapshot(livemode=True), endpoint="connect")) == "wrong_mode"


def test_a_live_event_is_taken_with_a_live_key(db: None, settings: Any) -> None:
    settings.STRIPE_SECRET_KEY = "rk_live_1"
    assert post(snapshot(livemode=True)).status_code == 200


@pytest.mark.parametrize("version", ["2025-12-15.clover", None])
def test_an_event_of_another_version_is_refused(version: str | None) -> None:
    assert refused(post(snapshot(api_version=version))) == "wrong_version"


def test_without_a_key_or_secrets_everything_is_refused(settings: Any) -> None:
    body = snapshot()
    settings.STRIPE_WEBHOOK_SECRETS = {**SECRETS, "platform": []}
    assert refused(post(body)) == "not_set_up"
    settings.STRIPE_WEBHOOK_SECRETS, settings.STRIPE_SECRET_KEY = SECRETS, ""
    assert refused(post(body)) == "not_set_up"


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
