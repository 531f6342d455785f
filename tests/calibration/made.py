"""Projects that ask for calibration, pools of keyed items, rounds, and annotators who answer as they are told."""

import random
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any
from unittest.mock import patch

from billing.funding import rounds as funding
from projects.calibration.models import Attempt, Round
from projects.calibration.rule import PassRule
from projects.calibration.services import attempts, rounds
from projects.enrollment.models import Enrollment
from projects.items import pools
from projects.plan.models import Project
from rlhfhub.tenancy import planes
from tests import people
from tests.factories import Tenant, import_items, make_project
from tests.people import Annotator

PEOPLE = ("Ann", "Bo", "Cy")
#: Items of a small round: the least that there may be.
ITEMS = 20
#: The right answer of an item is the response with this word in it.
RIGHT = "Right"


def make_asking_project(tenant: Tenant, **fields: Any) -> Project:
    """Create a project that asks for calibration, with published guidelines."""
    return make_project(tenant, calibration="required", **fields)


def make_pool(
    project: Project,
    count: int,
    *,
    rules: tuple[str, ...] = ("",),
    first: int = 1,
    step: int = 1,
    mark: str = "",
) -> None:
    """Import `count` items into the pool. Three people give each key: of odd numbers, the right response is the first.

    Each text ends with `mark`.
    """
    with planes.in_workspace(project.workspace_id):
        pool = pools.pool_of(project)
    numbers = range(first, first + step * count, step)
    import_items(pool, [_item(number, rules[number % len(rules)], mark) for number in numbers])


def _item(number: int, rule: str, mark: str) -> dict[str, Any]:
    texts = [f"{RIGHT} {number}.{mark}", f"Wrong {number}.{mark}"]
    right = 1 - number % 2
    answer = {"preference": {"choice": str(right)}}
    return {
        "external_id": f"pool-{number}{mark}",
        "prompt": f"Keyed {number}?{mark}",
        "responses": [{"text": text} for text in (texts[::-1] if right else texts)],
        "key": [
            {"by": f"{by}{mark}", "answer": answer, "rule": rule, "note": f"So.{mark}"}
            for by in PEOPLE
        ],
    }


def make_round(project: Project, **settings: Any) -> Round:
    """Make a small round, as a draft; `settings` are those of its pass rule."""
    settings = {"question": "preference", "items": ITEMS, "seats": 6, "needed": 1} | settings
    with planes.in_workspace(project.workspace_id):
        return rounds.make_round(project=project, settings=PassRule(**settings), actor_id=None)


def open_round(project: Project, **settings: Any) -> Round:
    """Make, fund and open a round."""
    made = make_round(project, **settings)
    with planes.in_workspace(project.workspace_id):
        return funding.fund_and_open(of=made, actor_id=None)


def shown(lease: dict[str, Any]) -> list[str]:
    """Return the texts of the responses in the order shown."""
    return [response["messages"][-1]["content"] for response in lease["responses"]]


def right(lease: dict[str, Any]) -> int:
    """Return the position of the right response."""
    return next(at for at, text in enumerate(shown(lease)) if RIGHT in text)


def wrong(lease: dict[str, Any]) -> int:
    """Return the position of the wrong response."""
    return 1 - right(lease)


def always(choice: int | str) -> Callable[[dict[str, Any]], int | str]:
    """Return somebody who always gives the same answer."""
    return lambda lease: choice


def of_accuracy(accuracy: float, seed: int) -> Callable[[dict[str, Any]], int | str]:
    """Return somebody who is right with this probability."""
    rng = random.Random(seed)
    return lambda lease: right(lease) if rng.random() < accuracy else wrong(lease)


def unpaused() -> AbstractContextManager[object]:
    """Within it annotators get further items, however many of their answers wait to be marked."""
    return patch.object(attempts, "MOST_UNMARKED", 1000)


def answer(
    annotator: Annotator, by: Callable[[dict[str, Any]], int | str], most: int = 1000
) -> int:
    """Let the annotator answer until nothing is left, or `most` items, however many wait to be marked.

    Returns: how many were answered.
    """
    with unpaused():
        for done in range(most):
            lease = annotator.lease()
            if lease is None:
                return done
            response = annotator.submit(lease, by(lease))
            assert response.status_code == 201, response.content
    return most


def attempt_of(annotator: Annotator) -> Attempt:
    """Return the annotator's last attempt."""
    with planes.in_workspace(annotator.enrollment.workspace_id):
        rows = Attempt.objects.filter(enrollment=annotator.enrollment.pk).select_related("round")
        return rows.latest("began_at")


def state_of(annotator: Annotator) -> str:
    """Return the state of the annotator's enrollment."""
    with planes.in_workspace(annotator.enrollment.workspace_id):
        return Enrollment.objects.values_list("state", flat=True).get(pk=annotator.enrollment.pk)


def make_annotators(project: Project, count: int) -> list[Annotator]:
    """Enroll so many annotators; each accepts the guidelines."""
    return [people.make_annotator(project, f"Annotator {n}") for n in range(count)]
