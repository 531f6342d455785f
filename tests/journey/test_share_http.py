"""A batch at overlap 1 of which a tenth of the items gets three answers: all are answered, and agreement rests on the
tenth."""

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from projects.plan.models import Project
from projects.stats import agreement
from tests.browser.site import Site
from tests.factories import Tenant, make_items, make_project, make_workspace
from tests.journey import checks
from tests.journey.caller import Caller
from tests.journey.work import accept_every_answer, counted_agreement, exported, open_batch
from tests.people import make_annotator
from tests.stats.counted import of_labels

pytestmark = pytest.mark.slow
ITEMS, SHARED = 60, 6
SLOTS = ITEMS + 2 * SHARED
VALUES = {"first": -1, "tie": 0, "second": 1}


@pytest.fixture
def clients(site: Site) -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def verdict(item: int, number: int) -> str:
    """Every tenth item is a tie; one annotator of three sees every fourth item otherwise."""
    if item % 10 == 0:
        return "tie"
    first = item % 2 == 0
    return "first" if first != (number == 2 and item % 4 == 1) else "second"


def work_through(person: Caller, project: Project, number: int) -> dict[int, str]:
    """Answer every item on offer. Returns the answers by the item's number."""
    said: dict[int, str] = {}
    while True:
        sent = person.http.post("desk/lease/", json={"project": str(project.pk)})
        assert sent.status_code in (200, 204), sent.text
        if sent.status_code == 204:
            return said
        lease = sent.json()
        item = int(lease["prompt"][0]["content"].removeprefix("Question ").removesuffix("?"))
        said[item] = verdict(item, number)
        person.post(f"desk/leases/{lease['id']}/submit/", answer(lease, said[item]), status=201)


def answer(lease: dict[str, Any], said: str) -> dict[str, Any]:
    shown = {
        response["messages"][-1]["content"].split()[0].lower(): response["key"]
        for response in lease["responses"]
    }
    return {"answer": {"preference": {"choice": shown.get(said, "tie")}}}


@pytest.fixture
def tenant(site: Site) -> Tenant:
    return make_workspace("Once and a tenth")


def test_once_and_a_tenth_thrice(site: Site, clients: ExitStack, tenant: Tenant) -> None:
    owner = Caller(site, tenant.secret)
    clients.enter_context(owner.http)
    project = make_project(tenant)
    plan = {"overlap": 1, "share_percent": 10, "share_overlap": 3}
    batch = open_batch(owner, project, make_items(ITEMS), **plan)
    assert owner.get(f"batches/{batch}/fund/")["slots"] == SLOTS
    said: list[dict[int, str]] = []
    for number in range(3):
        person = Caller(site, make_annotator(project, f"Annotator {number}").secret)
        clients.enter_context(person.http)
        said.append(work_through(person, project, number))
    answers = Counter(item for one in said for item in one)
    assert set(answers) == set(range(1, ITEMS + 1))
    assert Counter(answers.values()) == {1: ITEMS - SHARED, 3: SHARED}
    see_agreement(owner, project, said, {item for item, n in answers.items() if n == 3})
    assert accept_every_answer(owner, project) == SLOTS
    see_datasets(owner, project, said)
    checks.assert_books_balance()


def see_agreement(
    owner: Caller, project: Project, said: list[dict[int, str]], shared: set[int]
) -> None:
    """Agreement uses the items with three answers, and states how many of how many they are."""
    found = counted_agreement(owner, project, "preference", SLOTS)
    labels = [[VALUES[one[item]] + 1 for one in said] for item in sorted(shared)]
    expected = agreement.agreement(of_labels(labels, 3), "ordinal")
    assert (found["items"], found["answered"]) == (SHARED, ITEMS)
    assert found["alpha"] == (None if expected.alpha is None else pytest.approx(expected.alpha))


def see_datasets(owner: Caller, project: Project, said: list[dict[int, str]]) -> None:
    """The pairs hold every item that is not a tie, with one answer or three; `annotations` holds every answer."""
    pairs = {
        int(row["prompt"][0]["content"].removeprefix("Question ").removesuffix("?")): row["chosen"][
            -1
        ]["content"].split()[0]
        for row in exported(owner, project, "dpo")
    }
    votes = {
        item: Counter(one[item] for one in said if item in one) for item in range(1, ITEMS + 1)
    }
    wanted = {item: found.most_common(1)[0][0] for item, found in votes.items()}
    assert pairs == {item: word.title() for item, word in wanted.items() if word != "tie"}
    assert len(exported(owner, project, "annotations")) == SLOTS
