"""In their quiet hours people get no mails, but those of decisions; afterwards they get what waited, once."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone

from rlhfhub.ground.refusals import Refused
from rlhfhub.notices import collecting, quiet
from rlhfhub.notices.topics import Topic
from rlhfhub.tenancy import clock, planes
from rlhfhub.tenancy.models import User
from tests.factories import Tenant
from tests.notices.told import DECIDED, age, deliver, make_reachable, notices, prefer, tell
from tests.pages.conftest import browser_of

pytestmark = pytest.mark.usefixtures("mailed_at_once")


@pytest.fixture
def user(database: None) -> User:
    return make_reachable()


def be_quiet(user: User, first: int, last: int) -> None:
    """Quiet from `first` hours after this one until `last` hours after it, in UTC."""
    hour = timezone.now().hour
    with planes.at_door():
        quiet.be_quiet(
            person_id=user.pk,
            from_hour=(hour + first) % 24,
            to_hour=(hour + last) % 24,
            time_zone="UTC",
        )


def test_mails_wait_for_the_end_but_a_decisions_does_not(workspace_a: Tenant, user: User) -> None:
    be_quiet(user, 0, 3)
    tell(workspace_a, user)
    deliver()
    assert mail.outbox == []
    (waiting,) = notices(user)
    left = waiting.mail_due_at - timezone.now()
    assert timedelta(hours=1, minutes=59) < left <= timedelta(hours=3), "the full hour"
    assert waiting.mail_due_at.minute == 0
    tell(workspace_a, user, 2, kind=DECIDED)
    deliver()
    assert len(mail.outbox) == 1
    age("notice", "mail_due_at", hours=4)
    be_quiet(user, 2, 3)  # the quiet hours are over
    deliver()
    deliver()
    assert len(mail.outbox) == 2


@pytest.mark.parametrize(("first", "last", "waits"), [(-1, 1, True), (1, 3, False), (-3, 0, False)])
def test_the_hours_are_counted_past_midnight_too(
    workspace_a: Tenant, user: User, first: int, last: int, waits: bool
) -> None:
    be_quiet(user, first, last)
    tell(workspace_a, user)
    deliver()
    assert (mail.outbox == []) == waits


def collected_at(user: User, moment: datetime) -> datetime | None:
    """Collect mails at this moment. Returns until when the user's only notice waits; None if it is mailed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "now", lambda: moment)
        collecting.collect()
    (one,) = notices(user)
    assert (one.mail_id is None) == (one.mail_due_at is not None)
    return one.mail_due_at


def moment(day: int, time: str, month: int = 11) -> datetime:
    """A moment far in the future, so that a notice of today is due then."""
    hour, minute = map(int, time.split(":"))
    return datetime(2190, month, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("hours", "zone", "at", "until"),
    [
        ((22, 6), "UTC", (27, "21:59"), None),
        ((22, 6), "UTC", (27, "22:00"), (28, "06:00")),
        ((22, 6), "UTC", (27, "23:59"), (28, "06:00")),
        ((22, 6), "UTC", (28, "00:00"), (28, "06:00")),
        ((22, 6), "UTC", (28, "05:59"), (28, "06:00")),
        ((22, 6), "UTC", (28, "06:00"), None),
        ((9, 17), "Asia/Manila", (27, "00:59"), None),
        ((9, 17), "Asia/Manila", (27, "01:00"), (27, "09:00")),
        ((9, 17), "Asia/Manila", (27, "09:00"), None),
        ((1, 5), "Asia/Manila", (27, "18:00"), (27, "21:00")),  # where it is the next day
        ((22, 6), "Asia/Kolkata", (27, "17:00"), (28, "00:30")),
        ((1, 5), "Europe/Berlin", (28, "00:30", 3), (28, "03:00", 3)),  # summer time begins between
    ],
)
def test_they_begin_and_end_by_the_clock_of_their_place(
    workspace_a: Tenant,
    user: User,
    hours: tuple[int, int],
    zone: str,
    at: Any,
    until: Any,
) -> None:
    with planes.at_door():
        quiet.be_quiet(person_id=user.pk, from_hour=hours[0], to_hour=hours[1], time_zone=zone)
    tell(workspace_a, user)
    assert collected_at(user, moment(*at)) == (until and moment(*until))


def test_they_are_those_of_one_person(workspace_a: Tenant, user: User) -> None:
    be_quiet(make_reachable(), 0, 3)
    tell(workspace_a, user)
    deliver()
    assert len(mail.outbox) == 1


def test_the_daily_mail_waits_for_their_end_too(
    workspace_a: Tenant, user: User, settings: Any
) -> None:
    settings.NOTICE_DAILY_HOUR = 7
    prefer(user, Topic.ALERTS, "daily")
    with planes.at_door():
        quiet.be_quiet(person_id=user.pk, from_hour=5, to_hour=9, time_zone="UTC")
    tell(workspace_a, user)
    (one,) = notices(user)
    one.created_at = moment(27, "06:00")
    one.save(update_fields=["created_at"])
    assert collected_at(user, moment(27, "07:00")) == moment(27, "09:00")
    assert collected_at(user, moment(27, "08:59")) == moment(27, "09:00")
    assert collected_at(user, moment(27, "09:00")) is None


def test_a_person_sets_and_ends_them_on_the_page(user: User) -> None:
    browser, path = browser_of(user), "/notices/settings/"
    hours = {"from_hour": "22", "to_hour": "6", "time_zone": "Asia/Manila"}
    assert browser.post(path, hours).status_code == 303
    assert browser.get(path).context["quiet"] == quiet.Quiet(22, 6, "Asia/Manila")
    # The database knows the second one, but it is in no list to choose from.
    zones = ({"time_zone": "Mars/Base"}, {"time_zone": "EST5EDT"})
    for wrong in (*zones, {"to_hour": "22"}, {"from_hour": "24"}):
        browser.post(path, hours | wrong)
    assert browser.get(path).context["quiet"] == quiet.Quiet(22, 6, "Asia/Manila")
    browser.post(path, {"time_zone": "UTC", "quiet": "off"})
    assert browser.get(path).context["quiet"] is None


def test_a_zone_that_the_database_does_not_know_is_refused(
    user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else no mail of anybody could be collected any more."""
    monkeypatch.setattr(quiet, "ZONES", ["Mars/Base"])
    with pytest.raises(Refused, match="no time zone"), planes.at_door():
        quiet.be_quiet(person_id=user.pk, from_hour=1, to_hour=2, time_zone="Mars/Base")
    with planes.at_door():
        assert quiet.quiet_of(user.pk) is None
