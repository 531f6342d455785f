"""Projects that ask for calibration, pools of keyed items, rounds, and annotators who answer as they are told."""

import random
from collections.abc import Callable
from typing import Any

from billing.funding import rounds as funding
from projects.calibration.models import Attempt, Round
from projects.calibration.rule import PassRule
from projects.calibration.services import rounds
from projects.enrollment.models import Enrollment
from projects.items import pools
from projects.items.keys import services as keys
from projects.items.keys.given import GivenKey
from projects.items.models import Item, Key
from projects.plan.models import Project
from rlhfhub.tenancy import planes
from tests import people
from tests.factories import Tenant, import_items, make_batch, make_project
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
    mark: str = "",
) -> list[Item]:
    """Put `count` items into the pool, every second one with the right response first. Three people give each key.

    Each text ends with `mark`.
    """
    source = make_batch(project, 0, fund=False, name=f"Source{mark}")
    import_items(source, [_item(number, mark) for number in range(first, first + count)])
    with planes.in_workspace(project.workspace_id):
        pool = pools.pool_of(project)
        copies = [
            pools.copied(item=item, pool=pool)
            for item in Item.objects.filter(batch=source).order_by("seq")
        ]
        given = {
            item.pk: [
                GivenKey(
                    f"{by}{mark}",
                    {"preference": {"choice": _right(item)}},
                    rules[at % len(rules)],
                    f"So.{mark}",
                )
                for by in PEOPLE
            ]
            for at, item in enumerate(copies)
        }
        keys.store(pool=pool, given=given, source=Key.Source.IMPORT, actor_id=None)
    return copies


def _item(number: int, mark: str) -> dict[str, Any]:
    texts = [f"Right {number}.{mark}", f"Wrong {number}.{mark}"]
    texts = texts if number % 2 else texts[::-1]
    return {
        "external_id": f"pool-{number}{mark}",
        "prompt": f"Keyed {number}?{mark}",
        "responses": [{"text": text} for text in texts],
    }


def _right(item: Item) -> int:
    texts = [response["messages"][-1]["content"] for response in item.responses]
    return next(at for at, text in enumerate(texts) if RIGHT in text)


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


def answer(
    annotator: Annotator, by: Callable[[dict[str, Any]], int | str], most: int = 1000
) -> int:
    """Let the annotator answer until nothing is left, or `most` items. Returns how many."""
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
