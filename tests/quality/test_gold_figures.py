"""Gold with its interval: what members see at once, and what annotators see by the day and in whole tens."""

from collections.abc import Callable

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from projects.items.keys import selectors as keyed
from projects.items.keys import services as keys
from projects.items.models import Item, Key
from projects.plan.models import Project
from projects.quality.annotators import refresh_annotators
from projects.quality.gold.figures import Hits, gold_of
from projects.quality.gold.shown import ShownGold, shown_gold
from projects.work.models import Purpose
from rlhfhub.tenancy import planes
from tests import gold
from tests.api.uploads import lines
from tests.factories import Tenant, make_batch, make_item
from tests.pages.conftest import browser_of
from tests.people import Annotator

GOLD, WRONG = 23, (4, 8, 21, 22)


@pytest.fixture
def judged(
    workspace_a: Tenant, project: Project, annotators: list[Annotator], deliver: Callable[[], int]
) -> list[Item]:
    """Ada has answered 23 keyed items, wrongly those numbered WRONG (from 0); no other item is there."""
    rows = [make_item(5000 + number, key=gold.KEY) for number in range(GOLD)]
    path = f"/api/v1/projects/{project.pk}/keys/"
    sent = workspace_a.client.post(path, lines(*rows), content_type="application/x-ndjson")
    assert sent.status_code == 201, sent.content
    batch = make_batch(project, GOLD, plan=gold.PLAN)
    with planes.in_workspace(workspace_a.pk):
        read = Project.objects.select_related("form").get(pk=project.pk)
        items = list(keyed.keyed_items(read).order_by("seq"))
    gold.add_slots(batch, items, Purpose.GOLD)
    ada = annotators[0]
    while lease := ada.lease():
        number = int(lease["prompt"][0]["content"].split()[1].rstrip("?"))
        first = "Second" if number - 5000 in WRONG else "First"
        assert ada.prefer(lease, f"{first} answer to {number}.").status_code == 201
    deliver()
    return items


def move(days: int, first: int, end: int = GOLD) -> None:
    """Move these of Ada's answers to gold so many days into the past, as the owner."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE projects_quality_goldanswer SET submitted_at = submitted_at - %s * interval '1 day' WHERE id IN "
            "(SELECT id FROM projects_quality_goldanswer ORDER BY submitted_at, id OFFSET %s LIMIT %s)",
            [days, first, end - first],
        )
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE projects_items_key DISABLE TRIGGER kept")
        cursor.execute(
            "UPDATE projects_items_key SET created_at = created_at - %s * interval '1 day'", [days]
        )


def shown(annotator: Annotator) -> list[ShownGold]:
    row = annotator.enrollment
    with planes.at_desk(row.annotator_id, row.workspace_id, row.project_id):
        return shown_gold(row)


@pytest.mark.slow
def test_members_see_all_judged_answers_with_their_interval(
    workspace_a: Tenant, judged: list[Item], annotators: list[Annotator]
) -> None:
    ada = annotators[0].enrollment
    with planes.in_workspace(workspace_a.pk):
        found = gold_of([ada.pk, annotators[1].enrollment.pk], "preference")
    assert found == {ada.pk: Hits(23, 19)}
    assert found[ada.pk].share == pytest.approx(19 / 23)
    assert (found[ada.pk].low, found[ada.pk].high) == pytest.approx((0.629, 0.930), abs=0.001)
    assert (Hits().share, Hits().low, Hits().high) == (None, None, None)


@pytest.mark.slow
def test_a_retired_key_counts_for_nobody(
    workspace_a: Tenant, judged: list[Item], annotators: list[Annotator]
) -> None:
    ada = annotators[0].enrollment.pk
    retire(judged[4])
    with planes.in_workspace(workspace_a.pk):
        assert gold_of([ada], "preference") == {ada: Hits(22, 19)}
        for key in Key.objects.filter(item=judged[4]):
            keys.restore(key=key, actor_id=None)
        assert gold_of([ada], "preference") == {ada: Hits(23, 19)}


def retire(item: Item) -> None:
    with planes.in_workspace(item.workspace_id):
        for key in Key.objects.filter(item=item, retired_at=None):
            keys.retire(key=key, because="It is wrong.", actor_id=None)


@pytest.mark.slow
def test_annotators_see_whole_tens_of_the_days_before(
    judged: list[Item], annotators: list[Annotator]
) -> None:
    ada = annotators[0]
    assert shown(ada) == [], "all of today"
    move(1, 0, 9)
    assert shown(ada) == [], "nine"
    move(1, 9, 19)
    (found,) = shown(ada)
    assert (found.question, found.judged, found.hits) == ("preference", 10, 8)
    assert found.share == 0.8
    assert (found.low, found.high) == pytest.approx((0.490, 0.943), abs=0.001)
    move(1, 19)
    (found,) = shown(ada)
    assert (found.judged, found.hits) == (20, 18), "the first twenty in time"
    page = browser_of(ada.user).get(f"/work/{ada.enrollment.pk}/how-i-do/").content.decode()
    assert "90\u202f%" in page or "90 %" in page
    assert "for 20 answers until last midnight" in page
    assert shown(annotators[1]) == []


@pytest.mark.slow
def test_it_moves_at_midnight_only(judged: list[Item], annotators: list[Annotator]) -> None:
    """A key that is retired today still counts until midnight: nobody sees a figure move while they work."""
    ada = annotators[0]
    move(2, 0)
    (before,) = shown(ada)
    retire(judged[4])
    assert shown(ada) == [before]
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE projects_items_key SET retired_at = retired_at - interval '1 day' WHERE retired_at IS NOT NULL"
        )
    (after,) = shown(ada)
    assert (after.judged, after.hits) == (20, 19), "the next one takes its place"


@pytest.mark.slow
def test_nobody_reads_anothers_figures_or_the_rows(
    judged: list[Item], annotators: list[Annotator]
) -> None:
    move(2, 0)
    ada, ben = (one.enrollment for one in annotators[:2])
    with planes.at_desk(ben.annotator_id, ben.workspace_id, ben.project_id):
        with connection.cursor() as cursor:
            cursor.execute("SELECT * FROM door_own_gold(%s, %s)", [ben.annotator_id, ada.pk])
            assert cursor.fetchall() == []
        for table in ("quality_goldanswer", "quality_repeatjudgment", "items_key"):
            with (
                pytest.raises(DatabaseError, match="permission denied"),
                transaction.atomic(),
                connection.cursor() as cursor,
            ):
                cursor.execute(f"SELECT 1 FROM projects_{table}")


@pytest.mark.slow
def test_pages_and_rest_show_it_to_members(
    workspace_a: Tenant, project: Project, judged: list[Item], annotators: list[Annotator]
) -> None:
    with planes.in_workspace(workspace_a.pk):
        refresh_annotators(project_id=project.pk)
    make_batch(project, 1, first=900)
    lease = annotators[0].lease()
    assert lease
    annotators[0].submit(lease)
    with planes.in_workspace(workspace_a.pk):
        refresh_annotators(project_id=project.pk)
    browser = browser_of(workspace_a.owner)
    base = f"/w/{workspace_a.workspace.slug}/projects/{project.pk}/quality/"
    with CaptureQueriesContext(connection) as queries:
        page = browser.get(base).content.decode()
    asked = [one for one in queries if "goldanswer" in one["sql"] and "unnest" in one["sql"]]
    assert len(asked) == 1, "all answers to gold are counted once for the page"
    assert "63 % to 93 %, of 23" in page
    assert "23 of 23" in page, "keyed items that can be gold"
    one = browser.get(f"{base}{annotators[0].enrollment.pseudonym}/").content.decode()
    assert "63 % to 93 %, of 23" in one
    assert "from 60 repeats on" in one
