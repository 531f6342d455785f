"""What is said of right answers that were sent: what is missing, what no row can leave out, and rules nobody has."""

from projects.items.models import Batch
from projects.plan.models import Project
from tests.factories import Tenant, make_item
from tests.keys.test_keys import FIRST, item_of, send


def test_a_missing_name_is_required(workspace_a: Tenant, project: Project) -> None:
    for nameless in ({"answer": FIRST}, {"by": "", "answer": FIRST}):
        refused = send(workspace_a, project, make_item(1, key=[nameless]))
        assert [error["message"] for error in refused.json()["errors"]] == [
            "This is required: the name of the person who gives it."
        ]


def test_the_refusal_offers_nothing_that_is_refused(workspace_a: Tenant, project: Project) -> None:
    """Of keyed items no rows can be left out, and an import has no lease."""
    answer = {"preference": {"choice": "9"}}
    refused = send(workspace_a, project, make_item(1, key=[{"by": "Ann", "answer": answer}])).json()
    assert "Correct them. Row 1" in refused["detail"] and "leave" not in refused["detail"]
    assert refused["errors"][0]["message"] == "No response has this key."


def test_rules_that_the_guidelines_do_not_have_are_said(
    workspace_a: Tenant, project: Project
) -> None:
    """They are stored: guidelines may be written later."""
    keys = [
        {"by": by, "answer": FIRST, "rule": rule} for by, rule in (("Ann", "R1"), ("Bo", "R99"))
    ]
    receipt = send(workspace_a, project, make_item(1, key=keys), make_item(2, key=keys[:1])).json()
    assert receipt["keys"] == 3
    (warning,) = receipt["warnings"]
    assert (warning["code"], warning["count"], warning["rows"]) == ("unknown_rule", 1, [1])
    assert "that the guidelines in force do not have: R99." in warning["words"]


def test_who_picks_names_a_rule_in_force(workspace_a: Tenant, batch: Batch) -> None:
    path = f"/api/v1/items/{item_of(batch).pk}/key/"
    body = {"by": "Ann", "answer": FIRST}
    refused = workspace_a.client.post(path, body | {"rule": "R99"})
    assert refused.status_code == 400, refused.content
    assert refused.json()["errors"][0]["message"] == "The guidelines in force have no rule R99."
    assert workspace_a.client.post(path, body | {"rule": "R1"}).status_code == 201
