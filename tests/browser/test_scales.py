"""Graded preferences and ratings of each response go by keyboard from import to agreement and datasets."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from projects.plan.models import Project
from projects.stats import agreement
from tests.browser.desk_page import Desk
from tests.browser.site import Site
from tests.factories import Tenant, make_item, make_items, make_project, make_workspace
from tests.journey import checks
from tests.journey.caller import Caller
from tests.journey.work import accept_every_answer, counted_agreement, exported, open_batch
from tests.people import make_annotator
from tests.stats.counted import of_labels

pytestmark = [pytest.mark.browser, pytest.mark.slow]

#: The steps from A to B, as a preference of A (below 0) or of B.
STEPS = {"likert5": [-2, -1, 0, 1, 2], "eight": [-4, -3, -2, -1, 1, 2, 3, 4]}
#: What each annotator says of each item: below 0, the first stored response is better.
VALUES = {
    "likert5": {1: [-2, -1, -2], 2: [2, 2, 1], 3: [0, 0, 1]},
    "eight": {1: [-4, -3, -4], 2: [4, 1, 3], 3: [-1, 1, -1]},
}
#: The item's preferred response; an item that most call a tie makes no pair.
CHOSEN = {"likert5": {1: "First", 2: "Second"}, "eight": {1: "First", 2: "Second", 3: "First"}}
#: Of each response of each item, (helpfulness, correctness) by each annotator.
RATINGS: dict[int, list[list[tuple[int, int]]]] = {
    1: [[(4, 4), (3, 4)], [(0, 1), (1, 1)], [(2, 3), (2, 2)]],
    2: [[(1, 0), (1, 0)], [(4, 3), (4, 4)], [(3, 3), (2, 3)], [(0, 0), (0, 2)]],
}
QUESTIONS = ("helpfulness", "correctness")


class Journey:
    """The site, the owner's REST client, and a browser window for each annotator."""

    def __init__(self, site: Site, browse: Callable[..., Page], template: str) -> None:
        self.tenant: Tenant = make_workspace()
        self.project: Project = make_project(self.tenant, template=template)
        self.owner = Caller(site, self.tenant.secret)
        self.browse = browse

    def work(self, people: int, answer: Callable[[Desk, int], None]) -> None:
        """Each in turn judges every item; `answer` presses the keys."""
        for number in range(people):
            person = make_annotator(self.project, f"Annotator {number}")
            desk = Desk(self.browse(person.user))
            desk.open(person.enrollment)
            while desk.has_work():
                lease = desk.lease_id()
                answer(desk, number)
                desk.press("Enter")
                desk.expect_next(lease)

    def see(self, alpha: float) -> None:
        """The project's page shows this agreement."""
        page = self.browse(self.tenant.owner)
        page.goto(f"/w/{self.tenant.workspace.slug}/projects/{self.project.pk}/")
        figure = page.locator(".stat-value").get_by_text(f"{alpha:.2f}", exact=True)
        expect(figure.first).to_be_visible()


@pytest.fixture
def begin(site: Site, browse: Callable[..., Page]) -> Callable[[str], Journey]:
    """`begin(template)` is a journey in a new project."""
    return lambda template: Journey(site, browse, template)


@pytest.mark.parametrize("scale", VALUES)
def test_a_graded_preference(begin: Callable[[str], Journey], scale: str) -> None:
    journey, values = begin(scale), VALUES[scale]
    owner, project = journey.owner, journey.project
    open_batch(owner, project, make_items(len(values)), overlap=3, share_percent=0)

    def answer(desk: Desk, number: int) -> None:
        value = values[desk.item_number()][number]
        first_is_a = desk.responses()[0].startswith("First")
        desk.press(str(STEPS[scale].index(value if first_is_a else -value) + 1))

    journey.work(3, answer)
    labels = [[STEPS[scale].index(value) for value in said] for said in values.values()]
    found = counted_agreement(owner, project, "preference", 9)
    expected = agreement.agreement(of_labels(labels, len(STEPS[scale])), "ordinal")
    assert (found["level"], found["items"]) == ("ordinal", 3)
    assert found["alpha"] == pytest.approx(expected.alpha)
    journey.see(found["alpha"])
    assert accept_every_answer(owner, project) == 9
    pairs = exported(owner, project, "dpo")
    assert {number_of(row): first_word(row["chosen"]) for row in pairs} == CHOSEN[scale]
    assert all(first_word(row["chosen"]) != first_word(row["rejected"]) for row in pairs)
    given = judgments(exported(owner, project, "annotations"))
    assert given == {(n, "preference@0-1"): sorted(said) for n, said in values.items()}
    checks.assert_books_balance()


def test_a_rating_of_each_response(begin: Callable[[str], Journey]) -> None:
    journey = begin("ratings")
    owner, project = journey.owner, journey.project
    open_batch(owner, project, rated_items(), overlap=2, share_percent=0)

    def answer(desk: Desk, number: int) -> None:
        said = RATINGS[desk.item_number()]
        for text in desk.responses():
            desk.press(*map(str, said[int(text.split()[1])][number]))

    journey.work(2, answer)
    for at, question in enumerate(QUESTIONS):
        labels = [[pair[at] for pair in by] for said in RATINGS.values() for by in said]
        found = counted_agreement(owner, project, question, 4)
        expected = agreement.agreement(of_labels(labels, 5), "ordinal")
        assert (found["level"], found["items"]) == ("ordinal", 2)
        assert found["alpha"] == pytest.approx(expected.alpha)
        if at == 0:
            journey.see(found["alpha"])
    assert accept_every_answer(owner, project) == 4
    assert means(exported(owner, project, "ratings")) == {
        (item, response): tuple(sum(pair[at] for pair in by) / 2 for at in (0, 1))
        for item, said in RATINGS.items()
        for response, by in enumerate(said)
    }
    assert judgments(exported(owner, project, "annotations")) == {
        (item, f"{question}@{response}"): sorted(pair[at] for pair in by)
        for item, said in RATINGS.items()
        for response, by in enumerate(said)
        for at, question in enumerate(QUESTIONS)
    }
    checks.assert_books_balance()


def rated_items() -> list[dict[str, Any]]:
    """Of three responses and of four, each saying which it is."""
    return [
        make_item(item, responses=[{"text": f"Response {n} of {item}."} for n in range(len(said))])
        for item, said in RATINGS.items()
    ]


def number_of(row: dict[str, Any]) -> int:
    return int(row["prompt"][0]["content"].removeprefix("Question ").removesuffix("?"))


def first_word(messages: list[dict[str, str]]) -> str:
    return messages[-1]["content"].split()[0]


def means(rows: list[dict[str, Any]]) -> dict[tuple[int, int], tuple[float, ...]]:
    """(item, response) -> the means of its ratings."""
    return {
        (number_of(row), int(row["response"][-1]["content"].split()[1])): tuple(
            row[question] for question in QUESTIONS
        )
        for row in rows
    }


def judgments(rows: list[dict[str, Any]]) -> dict[tuple[int, str], list[int]]:
    """(item, unit) -> the values that were given, in order of size. Each row's answer is JSON."""
    found: dict[tuple[int, str], list[int]] = {}
    for row in rows:
        assert json.loads(row["answer"])
        for one in row["judgments"]:
            key = (int(row["external_id"].removeprefix("item-")), one["unit"])
            found.setdefault(key, []).append(one["value"])
    return {key: sorted(values) for key, values in found.items()}
