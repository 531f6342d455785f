"""Notices about decisions. Annotators are told of returns, rejections and their end, reviewers of appeals and of what
their bulk accepts left out.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models.functions import JSONObject
from django.urls import reverse

from projects.review.bulk.models import in_words
from projects.review.models import BulkAccept, Decision, Return
from projects.work.models import Annotation
from rlhfhub.ground.moments import moment_words
from rlhfhub.notices import kinds, services
from rlhfhub.notices.kinds import Kind, Words
from rlhfhub.notices.topics import Topic
from rlhfhub.tenancy.models import Membership
from rlhfhub.tenancy.roles import Capability, Role, may

RETURNED, REJECTED, ENDED = "review.returned", "review.rejected", "review.ended"
APPEALED, APPEAL_ENDED = "review.appealed", "review.appeal_ended"
LEFT_OUT = "review.left_out"
_LEADERS = [role for role in Role.values if may(role, Capability.EDIT)]


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
    rejections = _rejections(annotation_ids)
    members = _members_of(rejections)
    for decision in rejections:
        _tell_reviewer(decision, APPEALED, {}, members)


def tell_of_ends(annotation_ids: Sequence[uuid.UUID]) -> None:
    """Tell annotators and reviewers how the rejections of these answers ended. Workspace plane."""
    ends = Decision.objects.filter(annotation__in=annotation_ids, stage=2)
    verdicts = {end.annotation_id: end for end in ends}
    rejections = _rejections(annotation_ids)
    members = _members_of(rejections)
    for decision in rejections:
        end = verdicts[decision.annotation_id]
        data = {"verdict": str(end.verdict), "by": str(end.by)}
        _tell_annotator(decision.annotation, ENDED, data)
        if end.verdict != Decision.Verdict.LAPSED:
            _tell_reviewer(decision, APPEAL_ENDED, data, members)


def tell_of_left_out(bulk: BulkAccept) -> None:
    """Tell whoever requested a bulk accept what it did not accept, and why; nobody if they left. Workspace plane."""
    services.tell_all(
        people=Membership.objects.filter(user=bulk.requested_by_id).values_list(
            "user_id", JSONObject()
        ),
        workspace_id=bulk.workspace_id,
        kind=LEFT_OUT,
        cause=bulk.pk,
        data={
            "project": bulk.project.name,
            "project_id": str(bulk.project_id),
            "slug": bulk.project.workspace.slug,
            "answers": bulk.answers,
            "accepted": bulk.accepted,
            "left_out": bulk.by_reason,
            "is_stopped": bulk.done_at is None,
        },
    )


def _rejections(annotation_ids: Sequence[uuid.UUID]) -> list[Decision]:
    rows = Decision.objects.filter(annotation__in=annotation_ids, verdict=Decision.Verdict.REJECTED)
    joined = rows.select_related("annotation__project__workspace", "annotation__item")
    # Not the answers and the items' texts, which can be large.
    return list(
        joined.only(
            *("reviewer_id", "annotation__annotator_id", "annotation__enrollment_id"),
            *(
                "annotation__workspace_id",
                "annotation__price_minor",
                "annotation__item__external_id",
            ),
            *("annotation__project__name", "annotation__project__workspace__slug"),
        )
    )


def _members_of(rejections: Sequence[Decision]) -> set[uuid.UUID]:
    """Return which of the reviewers are still members of the workspace."""
    reviewers = {decision.reviewer_id for decision in rejections}
    return set(Membership.objects.filter(user__in=reviewers).values_list("user_id", flat=True))


def _tell_annotator(row: Annotation, kind: str, data: dict[str, Any]) -> None:
    services.tell(
        person_id=row.annotator_id,
        workspace_id=row.workspace_id,
        kind=kind,
        cause=row.pk,
        data={
            "project": row.project.name,
            "is_paid": row.price_minor > 0,
            "enrollment_id": str(row.enrollment_id),
            "annotation_id": str(row.pk),
            **data,
        },
    )


def _tell_reviewer(
    decision: Decision, kind: str, data: dict[str, Any], members: set[uuid.UUID]
) -> None:
    """Tell the reviewer; if they have left the workspace, its owners and managers."""
    row = decision.annotation
    if decision.reviewer_id in members:
        people = Membership.objects.filter(user=decision.reviewer_id)
    else:
        people = Membership.objects.filter(role__in=_LEADERS)
    services.tell_all(
        people=people.values_list("user_id", JSONObject()),
        workspace_id=row.workspace_id,
        kind=kind,
        cause=row.pk,
        data={
            "project": row.project.name,
            "is_paid": row.price_minor > 0,
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
    text = f"You can revise it until {_moment(data)}. If you do not, it is decided as it is."
    return Words(f"An answer in {data['project']} was sent back to you", text, path)


def _rejected(data: dict[str, Any]) -> Words:
    held = "The pay is on hold. " if data["is_paid"] else ""
    text = (
        f"The reason: {data['reason']} (rule {data['rule']}). {held}Until {_moment(data)} you can appeal: then "
        "somebody outside the workspace decides whether the rule was broken."
    )
    return Words(f"An answer in {data['project']} was rejected", text, _own(data))


_OUTSIDE = "Somebody outside the workspace decided that the rule was"
_UNHEARD = "Nobody decided the appeal in time, so the answer is accepted"


def _end(data: dict[str, Any]) -> str:
    """How the rejection ended, in the words that both sides read."""
    is_paid = data["is_paid"]
    if data["verdict"] == Decision.Verdict.LAPSED:
        stays = "is not paid" if is_paid else "does not count"
        return f"The time to appeal is over, so the answer {stays}."
    if data["verdict"] == Decision.Verdict.UPHELD:
        return f"{_OUTSIDE} broken, so the rejection stands. The page shows why."
    if data["by"] == Decision.By.CLOCK:
        return f"{_UNHEARD} and paid." if is_paid else f"{_UNHEARD} and counts."
    pays = " It is paid." if is_paid else ""
    return f"{_OUTSIDE} not broken, so the answer counts.{pays} The page shows why."


def _ended(data: dict[str, Any]) -> Words:
    outcome = {"overturned": "is overturned", "upheld": "stands", "lapsed": "is final"}
    title = f"The rejection of an answer in {data['project']} {outcome[data['verdict']]}"
    return Words(title, _end(data), _own(data))


def _appealed(data: dict[str, Any]) -> Words:
    unheard = "the answer is paid" if data["is_paid"] else "the answer counts"
    text = (
        f"The annotator of an answer to {data['item']} appeals. Somebody outside your workspace decides within five "
        f"days whether the rule was broken; if nobody does, {unheard}."
    )
    return Words(f"An appeal against a rejection in {data['project']}", text, _page(data))


def _appeal_ended(data: dict[str, Any]) -> Words:
    title = f"The appeal about {data['item']} in {data['project']} is decided"
    return Words(title, _end(data), _page(data))


def _left_out(data: dict[str, Any]) -> Words:
    left = data["answers"] - data["accepted"]
    title = (
        f"{left:,} of {data['answers']:,} answers in {data['project']} were not accepted together"
    )
    text = f"You asked to accept {data['answers']:,} answers together; {data['accepted']:,} were accepted."
    if reasons := in_words(data["left_out"]):
        text += f" Left out: {', '.join(reasons)}."
    if data["is_stopped"]:
        text += " It was stopped because you may not review there any more."
    return Words(title, text, reverse("review", args=[data["slug"], data["project_id"]]))


def _moment(data: dict[str, Any]) -> str:
    return moment_words(datetime.fromisoformat(data["until"]))


def register() -> None:
    """Register the kinds. Called from the AppConfig's ready()."""
    kinds.register(
        Kind(RETURNED, Topic.DECISIONS, _returned),
        Kind(REJECTED, Topic.DECISIONS, _rejected),
        Kind(ENDED, Topic.DECISIONS, _ended),
        Kind(APPEALED, Topic.APPEALS, _appealed),
        Kind(APPEAL_ENDED, Topic.APPEALS, _appeal_ended),
        Kind(LEFT_OUT, Topic.PROJECTS, _left_out),
    )
