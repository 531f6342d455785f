"""Who always gives the same answer, over REST, fails a round on each scale of preference and rating."""

from collections.abc import Callable
from typing import Any

import pytest

from projects.items import pools
from projects.plan.models import Project
from rlhfhub.tenancy import planes
from tests import people
from tests.calibration import made
from tests.factories import Tenant, import_items
from tests.people import Annotator

Deliver = Callable[[], int]
Choose = Callable[[dict[str, Any]], Any]
ITEMS = 30


def first(strength: int | None = None) -> Choose:
    """Always the response that is shown first."""
    more = {} if strength is None else {"strength": strength}
    return lambda lease: {"preference": {"choice": lease["responses"][0]["key"], **more}}


def tie(lease: dict[str, Any]) -> Any:
    return {"preference": {"choice": "tie"}}


def stars(number: int) -> Choose:
    """Always the same number of stars."""

    def choose(lease: dict[str, Any]) -> Any:
        rated = {response["key"]: number for response in lease["responses"]}
        return {"helpfulness": rated, "correctness": rated}

    return choose


_GRADED = [{"choice": "0", "strength": 2}, {"choice": "1", "strength": 1}, {"choice": "tie"}]
_EIGHT = [{"choice": "0", "strength": 4}, {"choice": "1", "strength": 1}]
_STARS = [{"0": 4, "1": 0}, {"0": 1, "1": 3}, {"0": 4, "1": 4}, {"0": 0, "1": 1}, {"0": 2, "1": 2}]


@pytest.mark.parametrize(
    ("template", "question", "keys", "choose"),
    [
        ("pairwise", "preference", [{"choice": c} for c in ("0", "1", "tie")], tie),
        ("pairwise", "preference", [{"choice": c} for c in ("0", "1", "tie")], first()),
        ("pairwise_forced", "preference", [{"choice": c} for c in ("0", "1")], first()),
        ("likert5", "preference", _GRADED, tie),
        ("seven", "preference", _GRADED, tie),
        ("seven", "preference", _GRADED, first(3)),
        ("eight", "preference", _EIGHT, first(4)),
        ("eight", "preference", _EIGHT, first(1)),
        *(("ratings", "helpfulness", _STARS, stars(number)) for number in range(5)),
    ],
)
def test_a_constant_answerer_fails(
    workspace_a: Tenant,
    deliver: Deliver,
    template: str,
    question: str,
    keys: list[dict[str, Any]],
    choose: Choose,
) -> None:
    project = made.make_asking_project(workspace_a, template=template)
    _fill_pool(project, question, keys)
    made.open_round(project, question=question, items=ITEMS)
    annotator = people.make_annotator(project, "Always the same")
    while lease := annotator.lease():
        _submit(annotator, lease, choose(lease))
        deliver()
    assert made.attempt_of(annotator).state == "failed", made.attempt_of(annotator).why


def _fill_pool(project: Project, question: str, keys: list[dict[str, Any]]) -> None:
    """Import items with right answers of each kind in turn, a third more than two attempts need."""
    with planes.in_workspace(project.workspace_id):
        pool = pools.pool_of(project)
    import_items(pool, [_item(number, question, keys[number % len(keys)]) for number in range(80)])


def _item(number: int, question: str, key: dict[str, Any]) -> dict[str, Any]:
    return {
        "external_id": f"pool-{number}",
        "prompt": f"Keyed {number}?",
        "responses": [{"text": f"One {number}."}, {"text": f"Two {number}."}],
        "key": [{"by": by, "answer": {question: key}} for by in made.PEOPLE],
    }


def _submit(annotator: Annotator, lease: dict[str, Any], answer: Any) -> None:
    path = f"/api/v1/desk/leases/{lease['id']}/submit/"
    response = annotator.client.post(path, {"answer": answer})
    assert response.status_code == 201, response.content
