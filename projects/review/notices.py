"""What people are told about decisions: annotators of returns, rejections and their end, reviewers of appeals."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.urls import reverse

from projects.review.models import Decision, Return
from projects.work.models import Annotation
from rlhfhub.notices import kinds, services
from rlhfhub.notices.kinds import Kind, Words
from rlhfhub.notices.topics import Topic

RETURNED, REJECTED, ENDED = "review.returned", "review.rejected", "review.ended"
APPEALED, APPEAL_ENDED = "review.appealed", "review.appeal_ended"


def tell_of_return(back: Return) -> None:
    """Tell an annotator that an answer was sent back to them. Workspace plane."""
    _tell_annotator(back.annotation, RETURNED, {"until": back.revise_by.isoformat()})


def tell_of_rejection(decision: Decision) -> None:
    """Tell an annotator that an answer was rejected, and until when they can appeal. Workspace plane."""
    assert decision.appeal_by is not None
    data = {
        "reason": decision.get_reason_display(),
        "rule": decision.rule,
        "until": decision.appeal_by.isoformat(),
    }
    _tell_annotator(decision.annotation, REJECTED, data)


def tell_of_appeals(annotation_ids: Sequence[uuid.UUID]) -> None:
    """Tell the reviewers who rejected these answers that their annotators appeal. Workspace plane."""
    for decision in _rejections(annotation_ids):
        _tell_reviewer(decision, APPEALED, {})


def tell_of_ends(annotation_ids: Sequence[uuid.UUID]) -> None:
    """Tell both sides how the rejections of these answers ended. Workspace plane."""
    ends = Decision.objects.filter(annotation__in=annotation_ids, stage=2)
    verdicts = {end.annotation_id: end for end in ends}
    for decision in _rejections(annotation_ids):
        end = verdicts[decision.annotation_id]
        data = {"verdict": str(end.verdict), "by": str(end.by)}
        _tell_annotator(decision.annotation, ENDED, data)
        if end.verdict != Decision.Verdict.LAPSED:
            _tell_reviewer(decision, APPEAL_ENDED, data)


def _rejections(annotation_ids: Sequence[uuid.UUID]) -> list[Decision]:
    rows = Decision.objects.filter(annotation__in=annotation_ids, verdict=Decision.Verdict.REJECTED)
    return list(rows.select_related("annotation__project__workspace", "annotation__item"))


def _tell_annotator(row: Annotation, kind: str, data: dict[str, Any]) -> None:
    services.tell(
        person_id=row.annotator_id,
        workspace_id=row.workspace_id,
        kind=kind,
        cause=row.pk,
        data={
            "project": row.project.name,
            "enrollment_id": str(row.enrollment_id),
            "annotation_id": str(row.pk),
            **data,
        },
    )


def _tell_reviewer(decision: Decision, kind: str, data: dict[str, Any]) -> None:
    row = decision.annotation
    assert decision.reviewer_id is not None
    services.tell(
        person_id=decision.reviewer_id,
        workspace_id=row.workspace_id,
        kind=kind,
        cause=row.pk,
        data={
            "project": row.project.name,
            "project_id": str(row.project_id),
            "slug": row.project.workspace.slug,
            "annotation_id": str(row.pk),
            "item": row.item.external_id[:80],
            **data,
        },
    )


def _own(data: dict[str, Any]) -> str:
    return reverse("own_decision", args=[data["enrollment_id"], data["annotation_id"]])


def _page(data: dict[str, Any]) -> str:
    return reverse("review_one", args=[data["slug"], data["project_id"], data["annotation_id"]])


def _returned(data: dict[str, Any]) -> Words:
    path = reverse("own_revise", args=[data["enrollment_id"], data["annotation_id"]])
    text = f"You can revise it until {_moment(data)}, for the same pay. If you do not, it is decided as it is."
    return Words(f"An answer in {data['project']} was sent back to you", text, path)


def _rejected(data: dict[str, Any]) -> Words:
    text = (
        f"The reason: {data['reason']} (rule {data['rule']}). The pay is on hold. Until {_moment(data)} you can "
        "appeal: then somebody outside the workspace decides whether the rule was broken."
    )
    return Words(f"An answer in {data['project']} was rejected", text, _own(data))


_ENDS = {
    "overturned": (
        "You are paid for a rejected answer in {project}",
        "Somebody outside the workspace decided that the rule was not broken. The page shows why.",
    ),
    "upheld": (
        "The rejection of an answer in {project} stands",
        "Somebody outside the workspace decided that the rule was broken. The page shows why.",
    ),
    "lapsed": (
        "The rejection of an answer in {project} is final",
        "The time to appeal is over, so the answer is not paid.",
    ),
}
_UNHEARD = "Nobody decided your appeal in time, so the answer is accepted and paid."


def _ended(data: dict[str, Any]) -> Words:
    title, text = _ENDS[data["verdict"]]
    if data["by"] == Decision.By.CLOCK and data["verdict"] == Decision.Verdict.OVERTURNED:
        text = _UNHEARD
    return Words(title.format(project=data["project"]), text, _own(data))


def _appealed(data: dict[str, Any]) -> Words:
    text = (
        f"The annotator of an answer to {data['item']} appeals. Somebody outside your workspace decides within five "
        "days whether the rule was broken; if nobody does, the answer is paid."
    )
    return Words(f"An appeal against a rejection of yours in {data['project']}", text, _page(data))


def _appeal_ended(data: dict[str, Any]) -> Words:
    if data["verdict"] == Decision.Verdict.UPHELD:
        text = "The rule was broken, so the rejection stands and the pay came back to the free balance."
    elif data["by"] == Decision.By.CLOCK:
        text = "Nobody decided the appeal in time, so the answer counts and is paid."
    else:
        text = "The rule was not broken, so the answer counts and is paid. The page shows why."
    title = f"The appeal about {data['item']} in {data['project']} is decided"
    return Words(title, text, _page(data))


def _moment(data: dict[str, Any]) -> str:
    at = datetime.fromisoformat(data["until"])
    return f"{at.day} {at:%b %Y, %H:%M} UTC"


def register() -> None:
    """Register the kinds. Called from the AppConfig's ready()."""
    kinds.register(
        Kind(RETURNED, Topic.DECISIONS, _returned),
        Kind(REJECTED, Topic.DECISIONS, _rejected),
        Kind(ENDED, Topic.DECISIONS, _ended),
        Kind(APPEALED, Topic.APPEALS, _appealed),
        Kind(APPEAL_ENDED, Topic.APPEALS, _appeal_ended),
    )
