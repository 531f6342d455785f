"""The bodies of the requests in tests/routes.py, made from ids of the workspace they are sent to."""

import json
from typing import Any

from annotators.profiles.models import DOCUMENTS
from billing.funding.costs import cost_of
from projects.items.models import Batch
from rlhfhub.tenancy import planes
from tests.security.world import Side


def item(side: Side) -> list[dict[str, Any]]:
    return [{"prompt": "new?", "responses": [{"text": "yes"}, {"text": "no"}]}]


def keyed_item(side: Side) -> list[dict[str, Any]]:
    return [{**item(side)[0], "key": {"preference": {"choice": "0"}}}]


def bonus(side: Side) -> dict[str, Any]:
    return {"amount_minor": 5, "reason": "Good notes on R2."}


def bonus_form(side: Side) -> dict[str, str]:
    return {"amount": "0.05", "reason": "Good notes on R2."}


def right_answer(side: Side) -> dict[str, Any]:
    return {"answer": {"preference": {"choice": "0"}}, "by": "Ann"}


def right_answer_form(side: Side) -> dict[str, str]:
    return {"preference": "0", "by": "Ann"}


def pasted(side: Side) -> dict[str, str]:
    return {"text": json.dumps(item(side))}


def pasted_key(side: Side) -> dict[str, str]:
    return {"text": json.dumps(keyed_item(side))}


def plan(side: Side) -> dict[str, str]:
    return {
        "overlap": "2",
        "share_percent": "10",
        "share_overlap": "3",
        "reserve_percent": "0",
        "gold_percent": "0",
        "repeat_percent": "0",
    }


def override(side: Side) -> dict[str, str]:
    return {"reason": "We review every answer by hand."}


def rejection(side: Side) -> dict[str, str]:
    return {"reason": "rule", "rule": "R1", "note": "It ignores the rule."}


def final_answer(side: Side) -> dict[str, Any]:
    return {"answer": {"preference": {"choice": "0"}}, "note": "Rule R1 decides it.", "seen": 0}


def final_answer_form(side: Side) -> dict[str, str]:
    return {"preference": "0", "note": "Rule R1 decides it.", "seen": "0"}


def paid_review(side: Side) -> dict[str, str]:
    return {
        "which": "all",
        "percent": "100",
        "reviewers": "1",
        "access": "market",
        "price": "0.20",
    }


def new_project(side: Side) -> dict[str, Any]:
    return {"name": "new", "template": "pairwise"}


def new_member(side: Side) -> dict[str, str]:
    return {"email": "n@x.example", "role": "viewer"}


def new_key(side: Side) -> dict[str, Any]:
    return {"name": "new", "scopes": ["read"], "days": "90"}


def new_token(side: Side) -> dict[str, str]:
    return {"workspace": str(side.pk), "name": "new", "days": "90"}


def terms(side: Side) -> dict[str, Any]:
    return {"number": 1, **dict.fromkeys(DOCUMENTS, True)}


def terms_form(side: Side) -> dict[str, str]:
    return {"number": "1", **dict.fromkeys(DOCUMENTS, "on")}


def quiet_hours(side: Side) -> dict[str, Any]:
    return {"from_hour": 22, "to_hour": 6, "time_zone": "UTC"}


def its_notice(side: Side) -> dict[str, str]:
    return {"notice": str(side.notice)}


def its_project(side: Side) -> dict[str, str]:
    return {"project": str(side.project.pk)}


def agreed_cost(side: Side) -> dict[str, str]:
    with planes.in_workspace(side.pk):
        batch = Batch.objects.select_related("project").get(pk=side.draft_batch.pk)
        return {"agreed_minor": str(cost_of(batch).total_minor)}


def its_item(side: Side) -> dict[str, Any]:
    return {"items": [str(side.waiting[0].item_id)]}


def more_to_its_item(side: Side) -> dict[str, Any]:
    return {"items": [str(side.waiting[0].item_id)], "answers": "1"}


def waiting(side: Side) -> list[str]:
    return [str(side.waiting[0].pk)]


def sample(side: Side) -> dict[str, Any]:
    return {"batch": str(side.batch.pk)}


def sample_form(side: Side) -> dict[str, Any]:
    return {"batch": str(side.batch.pk), "bound_percent": "5", "confidence_percent": "95"}


def choice(side: Side) -> dict[str, Any]:
    return {"answer": {"preference": {"choice": "tie"}, "reason": "equal"}}


def choice_form(side: Side) -> dict[str, str]:
    return {"preference": "tie", "reason": "equal"}


def stop(side: Side) -> dict[str, str]:
    """Why an enrollment is paused or ended."""
    return {"reason": "quality", "note": f"{side.mark} says: answer 3 breaks rule R1."}


def pause(side: Side) -> dict[str, str]:
    """The form that pauses an enrollment."""
    return {"do": "pause", **stop(side)}
