"""Keys that are wrong, known or worn are found and retired; sound ones are left, and people may overrule the check."""

import random
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from projects.items.keys import services as keys
from projects.items.models import Item, Key
from projects.items.services import Plan
from projects.plan.models import Project
from projects.quality.gold.health import JudgedAnswer, KeyHealth, health_from
from projects.quality.gold.models import KeyFigures
from projects.quality.gold.retiring import retire_unsound
from projects.quality.models import Stale
from projects.quality.tasks import check_keys, refresh
from projects.work.models import Purpose
from rlhfhub.tenancy import planes
from rlhfhub.tenancy.models import AuditEntry
from tests import gold
from tests.factories import Tenant, make_batch
from tests.pages.conftest import browser_of
from tests.people import make_annotator

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
# Accuracy of the simulator's kinds on gold, and how many of a hundred people are of each.
PEOPLE = [0.99] * 12 + [0.93] * 60 + [0.80] * 20 + [0.5] * 8


def answers(
    seed: int, *, items: int = 100, wrong: int = 10, share: float = 0.5
) -> tuple[list[JudgedAnswer], set[uuid.UUID]]:
    """People's answers to keyed items, of which some keys are wrong, in random order; and the items with these."""
    draw = random.Random(seed)
    known = [uuid.UUID(int=draw.getrandbits(128)) for _ in range(items)]
    bad = set(known[:wrong])
    rows = []
    for skill in PEOPLE:
        who = uuid.UUID(int=draw.getrandbits(128))
        for item in draw.sample(known, int(items * share)):
            is_right = draw.random() < skill
            rows.append((item, who, is_right != (item in bad)))
    draw.shuffle(rows)
    at = [BEGAN + timedelta(minutes=n) for n in range(len(rows))]
    found = [
        JudgedAnswer(item, "preference", who, hit, when, None)
        for (item, who, hit), when in zip(rows, at, strict=True)
    ]
    return found, bad


def retired(rows: list[JudgedAnswer]) -> dict[uuid.UUID, str]:
    """The items that the check takes out, pass by pass, with the reasons."""
    gone: dict[uuid.UUID, str] = {}
    for _ in range(5):
        left = [row for row in rows if row.item not in gone]
        found = {key[0]: one.fault for key, one in health_from(left).items() if one.fault}
        if not found:
            break
        gone |= found
    return gone


@pytest.mark.parametrize("seed", range(10))
def test_wrong_keys_are_found_and_right_ones_left(seed: int) -> None:
    """A tenth of a hundred keys is wrong. Fifty people's answers an item."""
    rows, bad = answers(seed)
    found = set(retired(rows))
    assert bad <= found
    assert len(found - bad) == 0


@pytest.mark.parametrize("seed", range(5))
def test_few_answers_retire_hardly_a_right_key(seed: int) -> None:
    """Ten people's answers an item: most wrong keys are found already, and right ones stay."""
    rows, bad = answers(seed, share=0.1)
    found = set(retired(rows))
    assert len(found - bad) <= 1


def test_a_crowd_that_guesses_retires_nothing() -> None:
    """Nobody is good, so nobody's misses count."""
    draw = random.Random(3)
    people = [uuid.UUID(int=n) for n in range(40)]
    rows = [
        JudgedAnswer(
            uuid.UUID(int=1000 + item), "preference", who, draw.random() < 0.5, BEGAN, None
        )
        for who in people
        for item in range(30)
    ]
    assert retired(rows) == {}


def one_item(*hits: float) -> KeyHealth:
    rows = [
        JudgedAnswer(uuid.UUID(int=1), "preference", uuid.UUID(int=n + 10), bool(hit), BEGAN, None)
        for n, hit in enumerate(hits)
    ]
    return health_from(rows)[uuid.UUID(int=1), "preference"]


def test_a_jump_upwards_says_that_the_answer_is_known() -> None:
    draw = random.Random(5)
    before = [draw.random() < 0.6 for _ in range(60)]
    assert one_item(*before).fault == ""
    found = one_item(*before, *[True] * 40)
    assert found.fault.startswith("After ")
    assert "probably become known" in found.fault
    assert one_item(*[True] * 40, *before).fault == "", "a fall is no leak"


@pytest.mark.parametrize("seed", range(20))
def test_a_steady_share_is_no_jump(seed: int) -> None:
    draw = random.Random(seed)
    assert one_item(*[draw.random() < 0.85 for _ in range(200)]).fault == ""


def test_more_than_two_hundred_people_wear_it_out() -> None:
    assert one_item(*[True] * 200).fault == ""
    assert (
        one_item(*[True] * 201).fault
        == "201 people have answered it. Its answer may have become known."
    )


@pytest.fixture
def missed(project: Project, deliver: Callable[[], int]) -> Item:
    """Eight people answered eleven keyed items; all of them missed the first one, and hit the others."""
    batch = make_batch(project, 3, plan=Plan(50, share_percent=0, reserve_percent=100))
    source = make_batch(project, 11, fund=False, first=101)
    with planes.in_workspace(project.workspace_id):
        items = list(Item.objects.filter(batch=source).select_related("project__form"))
    keyed = [gold.make_keyed(item, "1" if item is items[0] else "0") for item in items]
    for _ in range(8):
        gold.add_slots(batch, keyed, Purpose.GOLD)
    for number in range(8):
        person = make_annotator(project, f"Person {number}")
        while lease := person.lease():
            asked = lease["prompt"][0]["content"].split()[1].rstrip("?")
            assert person.prefer(lease, f"First answer to {asked}.").status_code == 201
    deliver()
    return keyed[0]


@pytest.mark.slow
def test_the_check_retires_a_key_that_good_annotators_miss(
    workspace_a: Tenant, project: Project, missed: Item
) -> None:
    check_keys()
    with planes.in_workspace(workspace_a.pk):
        rows = list(Key.objects.exclude(retired_at=None))
        assert {row.item_id for row in rows} == {missed.pk}
        assert len(rows) == 3
        noted = AuditEntry.objects.filter(verb="key.retire")
        assert {entry.actor_id for entry in noted} == {None}
        assert retire_unsound(project_id=project.pk) == 0
        assert Stale.objects.filter(project=project, figures=Stale.Figures.KEYS).exists()
        assert not KeyFigures.objects.filter(project=project).exists(), "another job stores them"
    page = browser_of(workspace_a.owner).get(
        f"/w/{workspace_a.workspace.slug}/keyed-items/{missed.pk}/"
    )
    assert "By a check: Of 8 good annotators, 0 gave this answer." in page.content.decode()


@pytest.mark.slow
def test_who_restores_a_key_overrules_the_evidence_so_far(
    workspace_a: Tenant, project: Project, missed: Item
) -> None:
    check_keys()
    with planes.in_workspace(workspace_a.pk):
        for key in Key.objects.filter(item=missed):
            keys.restore(key=key, actor_id=workspace_a.owner.pk)
    check_keys()
    with planes.in_workspace(workspace_a.pk):
        assert not Key.objects.exclude(retired_at=None).exists()


@pytest.mark.slow
def test_the_list_and_the_item_show_who_hit_the_key(
    workspace_a: Tenant, project: Project, missed: Item
) -> None:
    path = f"/api/v1/projects/{project.pk}/keys/"
    assert all(not row["health"] for row in workspace_a.client.get(path).json()["results"])
    refresh()
    rows = workspace_a.client.get(path).json()["results"]
    by_id = {row["id"]: row for row in rows}
    (bad,) = by_id[str(missed.pk)]["health"]
    assert (bad["every"]["judged"], bad["every"]["hits"], bad["good"]["judged"]) == (8, 0, 8)
    assert "probably wrong" in bad["fault"]
    sound = [row["health"][0] for row in rows if row["id"] != str(missed.pk)]
    assert {(one["every"]["hits"], one["fault"]) for one in sound} == {(8, "")}
    browser, base = browser_of(workspace_a.owner), f"/w/{workspace_a.workspace.slug}"
    page = browser.get(f"{base}/projects/{project.pk}/keys/").content.decode()
    assert page.count(">unsound<") == 1
    one = browser.get(f"{base}/keyed-items/{missed.pk}/").content.decode()
    assert "Of 8 good annotators, 0 gave this answer." in one
    gold.make_keyed(missed, "0", ("Di",))
    disputed = workspace_a.client.get(f"/api/v1/keyed-items/{missed.pk}/").json()
    assert (disputed["disputed"], disputed["unanimous"]) == (["preference"], [])
    assert ">people differ<" in browser.get(f"{base}/projects/{project.pk}/keys/").content.decode()
