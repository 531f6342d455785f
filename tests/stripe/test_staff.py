"""What staff see of Stripe's events, and that they replay those that were given up."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client

from billing.stripe import dead_events
from billing.stripe.events import Event
from billing.stripe.models import SweepCursor
from rlhfhub.events import broker
from rlhfhub.tenancy import planes
from rlhfhub.tenancy.models import AuditEntry
from rlhfhub.tenancy.planes import Plane
from tests import people
from tests.stripe.made import AT, make_event, stored

pytestmark = pytest.mark.usefixtures("db", "set_up")
LIST = "/admin/billing_stripe/inboundevent/"


@pytest.fixture
def staff() -> Client:
    client = Client()
    client.force_login(people.make_user("Staff", "staff@x.example", is_staff=True))
    return client


def make_dead(count: int = 1) -> list[Event]:
    """Store events that were given up."""
    events = [make_event("refund.failed") for _ in range(count)]
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE billing_stripe_inboundevent SET state = 'dead', attempts = 12, ended_at = now(), "
            "error = 'Refused: resource_missing' WHERE event_id = ANY(%s)",
            [[event.id for event in events]],
        )
    return events


def replays() -> list[tuple[str, str, dict[str, Any]]]:
    with planes.as_system():
        found = AuditEntry.objects.filter(verb="stripe_event.replay").order_by("id")
        return [(entry.plane, entry.subject, entry.data) for entry in found]


def test_dead_events_are_on_the_page_of_what_needs_a_person(staff: Client) -> None:
    (event,) = make_dead()
    make_event()
    page = staff.get("/admin/queue/").content.decode()
    assert "Dead Stripe event" in page
    assert "refund.failed: Refused: resource_missing" in page
    assert f"{LIST}{stored(event).pk}/change/" in page
    assert "Dead Stripe events" in page and f'href="{LIST}?state__exact=dead"' in page
    assert staff.get(f"{LIST}?state__exact=dead").status_code == 200


def test_staff_replay_one(
    staff: Client, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(broker, "enqueue", lambda name, **_: asked.append(name))
    first, second = make_dead(2)
    waiting = make_event()
    chosen = [str(stored(event).pk) for event in (first, waiting)]
    with django_capture_on_commit_callbacks(execute=True):
        answer = staff.post(LIST, {"action": "replay", "_selected_action": chosen}, follow=True)
    assert "1 will be handled again now." in answer.content.decode()
    row = stored(first)
    assert (row.state, row.attempts, row.ended_at) == ("waiting", 0, None)
    assert row.error == "Refused: resource_missing", "the last error stays until it succeeds"
    assert stored(second).state == "dead"
    assert asked == ["stripe.process"]
    ((plane, subject, data),) = replays()
    assert (plane, subject) == ("staff", "1")
    assert sorted(data["events"]) == sorted(chosen)


def test_staff_replay_all(staff: Client) -> None:
    events = make_dead(3)
    path = f"{LIST}replay-all/"
    page = staff.get(path)
    assert "3 events of Stripe failed" in " ".join(page.content.decode().split())
    assert {stored(event).state for event in events} == {"dead"}
    answer = staff.post(path, follow=True)
    assert "3 will be handled again now." in answer.content.decode()
    assert {stored(event).state for event in events} == {"waiting"}
    assert replays() == [("staff", "3", {"events": "all"})]
    assert "No event of Stripe is dead." in staff.get(path).content.decode()


def test_lists_show_what_happened(staff: Client, queries: Any) -> None:
    make_dead(30)
    make_event("payment_intent.succeeded", account="acct_9")
    staff.get(LIST)
    with queries() as sent:
        page = staff.get(LIST).content.decode()
    assert "payment_intent.succeeded" in page and "acct_9" in page
    assert len(sent) <= 14, str(sent)
    assert staff.get(f"{LIST}?q=acct_9").content.decode().count("payment_intent.succeeded") >= 1


def test_an_event_and_a_sweep_have_a_page(staff: Client) -> None:
    (event,) = make_dead()
    page = staff.get(f"{LIST}{stored(event).pk}/change/").content.decode()
    assert "refund.failed pi_1" in page and "Refused: resource_missing" in page and event.id in page
    with planes.as_system():
        SweepCursor.objects.create(source="v1", swept_to=AT)
    assert "Nov. 20, 2026" in staff.get("/admin/billing_stripe/sweepcursor/").content.decode()
    assert b"sweep of v1" in staff.get("/admin/billing_stripe/sweepcursor/v1/change/").content


def test_a_replay_of_nothing_is_noted_too() -> None:
    with planes.entered(Plane.STAFF):
        assert dead_events.replay(event_ids=[], actor_id=None) == 0
        assert dead_events.replay_all(actor_id=None) == 0
    assert [subject for _, subject, _ in replays()] == ["0", "0"]
