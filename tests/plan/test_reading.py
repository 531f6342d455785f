"""What reading guidelines pays: by the time that the text takes, fixed when a version is published."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projects.plan import reading, services
from projects.plan.models import GuidelineVersion, Project
from projects.plan.versions import MAX_READING_MINOR
from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy import planes
from tests.factories import Tenant, make_project, publish_guidelines
from tests.pages.conftest import browser_of

#: 900 words: five minutes at 180 a minute. The tests' projects pay 25 an answer of a minute, so 1,500 an hour.
LONG = "word " * 900
HOUR, PAY = 1_500, 125


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", 0),
        ("one two three, it’s 4", 5),
        ("## **Bold** [link](x) ---", 2),
        ("比較する二つの答え", 4.5),
        ("antidisestablishmentarianism", 2.8),
        ("สวัสดีครับ" * 4, 4),
    ],
)
def test_words_are_counted_in_every_script(text: str, words: float) -> None:
    assert reading.seconds_for(text) == pytest.approx(words / 3)


@given(st.text(max_size=300), st.text(max_size=300))
def test_more_text_never_takes_less(one: str, other: str) -> None:
    assert reading.seconds_for(f"{one} {other}") >= reading.seconds_for(one) - 1e-9


def test_five_minutes_pay_a_twelfth_of_an_hour_and_half_a_minute_is_the_least() -> None:
    assert reading.seconds_for(LONG) == 300
    assert reading.pay_minor(300, HOUR) == PAY
    assert reading.pay_minor(29.9, HOUR) == 0
    assert reading.pay_minor(30, HOUR) == 13


def test_changes_are_the_new_and_the_changed_lines() -> None:
    before = f"# Be fair\n\n{LONG}\n\nEnd."
    assert reading.seconds_for_changes(before, before) == 0
    assert reading.seconds_for_changes(before, "# Be fair\n\nEnd.") == 0, "nothing new to read"
    added = reading.seconds_for_changes(before, f"{before}\n\n" + "new " * 90)
    assert added == 30


def version(project: Project) -> GuidelineVersion:
    with planes.in_workspace(project.workspace_id):
        project.refresh_from_db()
        found = project.guideline_version
        assert found
        return found


def publish(project: Project, text: str, change: str = "major", pays: int | None = None) -> None:
    with planes.in_workspace(project.workspace_id):
        made = services.draft_guideline(
            project=project, text=text, change=change, created_by_id=None
        )
        services.publish_guideline(version=made, actor_id=None, reading_minor=pays)


def paid(project: Project) -> tuple[int, int]:
    found = version(project)
    return found.reading_minor, found.rereading_minor


def test_a_published_version_says_what_it_pays(workspace_a: Tenant) -> None:
    project = make_project(workspace_a)
    assert paid(project) == (0, 0), "short"
    publish(project, LONG)
    assert paid(project) == (PAY, PAY), "all of it is new"
    publish(project, f"{LONG}\n\n" + "new " * 180)
    assert paid(project) == (150, 25)
    publish(project, f"{LONG}\n\n" + "new " * 360, "minor")
    assert paid(project) == (175, 0), "whoever accepted an earlier one need not read a minor one"


def test_the_owner_may_raise_it_and_the_changes_rise_with_it(workspace_a: Tenant) -> None:
    project = make_project(workspace_a)
    publish(project, LONG, pays=600)
    assert paid(project) == (600, 600)
    publish(project, f"{LONG}\n\n" + "new " * 180, pays=600)
    assert paid(project) == (600, 100)
    publish(project, "Short.", pays=40)
    assert paid(project) == (40, 0)


@pytest.mark.parametrize("pays", [PAY - 1, 0, -1, MAX_READING_MINOR + 1])
def test_it_may_not_be_lowered_nor_be_huge(workspace_a: Tenant, pays: int) -> None:
    project = make_project(workspace_a)
    with pytest.raises(Refused) as refused:
        publish(project, LONG, pays=pays)
    assert [fault["field"] for fault in refused.value.errors] == ["reading_minor"]
    assert version(project).number == 1


def test_members_read_unpaid(workspace_a: Tenant) -> None:
    project = make_project(workspace_a, access="members")
    publish_guidelines(project, LONG)
    assert paid(project) == (0, 0)
    with pytest.raises(Refused) as refused:
        publish(project, f"{LONG} more", pays=1)
    assert [fault["field"] for fault in refused.value.errors] == ["reading_minor"]


def test_over_rest(workspace_a: Tenant) -> None:
    project = make_project(workspace_a)
    path = f"/api/v1/projects/{project.pk}/guidelines/"
    made = workspace_a.client.post(path, {"text": LONG, "change": "major"}).json()
    assert made["reading_minor"] == 0
    publishing = f"{path}{made['number']}/publish/"
    refused = workspace_a.client.post(publishing, {"reading_minor": 1})
    assert refused.status_code == 400 and "reading_minor" in refused.text
    assert workspace_a.client.post(publishing, {"reading": 1}).status_code == 400
    shown = workspace_a.client.post(publishing, {"reading_minor": 500}).json()
    assert (shown["reading_minor"], shown["rereading_minor"]) == (500, 500)


def test_on_the_page(workspace_a: Tenant) -> None:
    owner = browser_of(workspace_a.owner)
    project = make_project(workspace_a)
    with planes.in_workspace(workspace_a.pk):
        services.draft_guideline(project=project, text=LONG, change="major", created_by_id=None)
    path = f"/w/{workspace_a.workspace.slug}/projects/{project.pk}/guidelines/"
    page = owner.get(path).text
    assert "about 5 min" in page and 'value="1.25"' in page
    sent = {"action": "publish", "number": "2"}
    for amount, words in (("nonsense", "amount"), ("1.24", "from 1.25")):
        answer = owner.post(path, {**sent, "reading": amount}, follow=True).text
        assert words in answer and version(project).number == 1
    assert "Version 2 is in force" in owner.post(path, {**sent, "reading": "2"}, follow=True).text
    assert paid(project) == (200, 200)
    assert "reading it pays $2.00" in owner.get(path).text
