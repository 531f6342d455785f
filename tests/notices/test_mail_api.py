"""How a person wants mails, and their quiet hours, over REST: the same as on the page, and each person's own."""

from typing import Any

import pytest
from django.db import connection

from rlhfhub.notices import quiet, selectors
from rlhfhub.notices.quiet import Quiet
from rlhfhub.tenancy import planes
from rlhfhub.tenancy.models import User
from tests.factories import Tenant
from tests.pages.conftest import browser_of
from tests.people import Annotator

MAILS, QUIET = "/api/v1/desk/mails/", "/api/v1/desk/quiet-hours/"
HOURS = {"from_hour": 22, "to_hour": 6, "time_zone": "Asia/Manila"}
NONE = {"from_hour": None, "to_hour": None, "time_zone": None}


@pytest.fixture
def ada(annotators: list[Annotator]) -> Annotator:
    return annotators[0]


def hours_of(user: User) -> Quiet | None:
    with planes.at_door():
        return quiet.quiet_of(user.pk)


def ways_of(user: User) -> dict[str, str]:
    with planes.at_door():
        return {one.topic.value: one.how.value for one in selectors.choices_of(user.pk)}


def test_mails_are_chosen_by_topic_and_seen_on_the_page(ada: Annotator) -> None:
    before = {row["topic"]: row for row in ada.client.get(MAILS).json()}
    assert {name: row["how"] for name, row in before.items()} == ways_of(ada.user)
    assert [name for name, row in before.items() if not row["can_be_off"]] == ["decisions"]
    changed = ada.client.patch(MAILS, {"alerts": "off", "decisions": "daily"})
    assert changed.status_code == 200 and changed.json() == ada.client.get(MAILS).json()
    wanted = {name: row["how"] for name, row in before.items()}
    assert ways_of(ada.user) == wanted | {"alerts": "off", "decisions": "daily"}
    page = browser_of(ada.user).get("/notices/settings/").content.decode()
    assert 'value="off" checked' in page


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"decisions": "off"}, "decisions"),
        ({"alerts": "sometimes"}, "alerts"),
        ({"weather": "off"}, "weather"),
    ],
)
def test_a_refused_choice_names_its_topic_and_saves_none(
    ada: Annotator, body: dict[str, str], field: str
) -> None:
    before = ways_of(ada.user)
    refused = ada.client.patch(MAILS, {"rounds": "off", **body})
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["field"] == field
    assert ways_of(ada.user) == before


def test_quiet_hours_are_set_and_ended(ada: Annotator) -> None:
    assert ada.client.get(QUIET).json() == NONE
    assert ada.client.put(QUIET, HOURS).json() == ada.client.get(QUIET).json() == HOURS
    assert hours_of(ada.user) == Quiet(22, 6, "Asia/Manila")
    assert browser_of(ada.user).get("/notices/settings/").context["quiet"] == hours_of(ada.user)
    for _ in range(2):
        assert ada.client.delete(QUIET).status_code == 204
    assert ada.client.get(QUIET).json() == NONE and hours_of(ada.user) is None


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"from_hour": 24}, "from_hour"),
        ({"from_hour": "22"}, "from_hour"),
        ({"to_hour": 22}, "to_hour"),
        ({"time_zone": "Mars/Base"}, "time_zone"),
        ({"zone": "UTC"}, "zone"),
    ],
)
def test_wrong_hours_are_refused_by_name(ada: Annotator, wrong: dict[str, Any], field: str) -> None:
    refused = ada.client.put(QUIET, HOURS | wrong)
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["field"] == field
    assert hours_of(ada.user) is None


def test_a_workspaces_key_is_nobodys(workspace_a: Tenant, database: None) -> None:
    """It acts for the workspace and not for the person who made it."""
    client = workspace_a.client
    assert client.get(MAILS).status_code == client.get(QUIET).status_code == 403
    assert client.patch(MAILS, {"alerts": "off"}).status_code == 403
    assert client.put(QUIET, HOURS).status_code == client.delete(QUIET).status_code == 403
    assert hours_of(workspace_a.owner) is None


def test_at_the_desk_the_doors_open_to_their_person_alone(annotators: list[Annotator]) -> None:
    """The site passes the person; the database compares with whose desk it is."""
    ada, ben = (one.user for one in annotators[:2])
    with planes.at_door():
        quiet.be_quiet(person_id=ben.pk, from_hour=1, to_hour=2, time_zone="UTC")
    with planes.at_desk(ada.pk), connection.cursor() as cursor:
        for call in (
            "door_be_quiet(%s, 3, 4, 'UTC')",
            "door_end_quiet(%s)",
            "door_prefer_mails(%s, 'alerts', 'off')",
        ):
            cursor.execute(f"SELECT {call}", [ben.pk])
        assert quiet.quiet_of(ben.pk) is None
        cursor.execute("SELECT count(*) FROM door_mail_preferences(%s)", [ben.pk])
        assert cursor.fetchone() == (0,)
    assert hours_of(ben) == Quiet(1, 2, "UTC")
    assert ways_of(ben)["alerts"] == "at_once"
