"""What people are told about alerts: members that one waits for them, annotators what is said of their work.

An annotator is told when their page shows the alert (`told_at`), never before, and of its decision not before that.
"""

import uuid
from datetime import datetime
from typing import Any

from django.db.models.functions import JSONObject
from django.urls import reverse

from projects.quality.alerts import words
from projects.quality.alerts.models import Alert
from rlhfhub.ground.moments import moment_words
from rlhfhub.notices import kinds, services
from rlhfhub.notices.kinds import Kind, Words
from rlhfhub.notices.topics import Topic
from rlhfhub.tenancy.models import Membership
from rlhfhub.tenancy.roles import Capability, Role, may

WAITS, TOLD, DECIDED = "alert.waits", "alert.told", "alert.decided"
_DECIDERS = [role for role in Role.values if may(role, Capability.EDIT)]

# Told and not yet in the notices of its annotator. An alert is decided within a day, so a week is enough for a task
# that was away; `told_at` bounds what is read.
_LACKING = """
    SELECT a.workspace_id, a.id FROM projects_quality_alert a
    JOIN projects_enrollment_enrollment e ON e.id = a.enrollment_id
    WHERE a.told_at <= statement_timestamp() AND a.told_at > statement_timestamp() - interval '7 days' AND {state}
      AND NOT EXISTS (SELECT FROM rlhfhub_notices_notice n
                      WHERE n.person_id = e.annotator_id AND n.cause = '{kind}:' || a.id)
    ORDER BY a.told_at LIMIT %s
"""
TO_TELL = _LACKING.format(state="a.state = 'open'", kind=TOLD)
TO_TELL_DECIDED = _LACKING.format(state="a.state <> 'open'", kind=DECIDED)


def tell_members(alert: Alert) -> None:
    """Tell the members who may decide that an alert waits for them, but not one whose work it is about.

    Workspace plane; the alert was made in this transaction.
    """
    deciders = Membership.objects.filter(role__in=_DECIDERS)
    if alert.enrollment is not None:
        deciders = deciders.exclude(user=alert.enrollment.annotator_id)
    services.tell_all(
        people=deciders.values_list("user_id", JSONObject()),
        workspace_id=alert.workspace_id,
        kind=WAITS,
        cause=alert.pk,
        data={
            "project": alert.project.name,
            "slug": alert.workspace.slug,
            "alert_id": str(alert.pk),
            "kind": alert.kind,
            "is_of_one": alert.enrollment_id is not None,
            "lifts_at": alert.lifts_at.isoformat(),
        },
    )


def tell_annotator(*, alert_id: uuid.UUID) -> None:
    """Tell the annotator of an open alert about them. Workspace plane."""
    _tell(alert_id, TOLD)


def tell_decision(*, alert_id: uuid.UUID) -> None:
    """Tell the annotator what became of an alert about them. Workspace plane."""
    _tell(alert_id, DECIDED)


def _tell(alert_id: uuid.UUID, kind: str) -> None:
    alert = Alert.objects.select_related("project", "enrollment").get(pk=alert_id)
    if alert.enrollment is None:
        raise ValueError(f"alert {alert_id} is about no annotator")
    services.tell(
        person_id=alert.enrollment.annotator_id,
        workspace_id=alert.workspace_id,
        kind=kind,
        cause=alert.pk,
        data={
            "project": alert.project.name,
            "enrollment_id": str(alert.enrollment_id),
            "kind": alert.kind,
            "state": alert.state,
            "by": alert.by,
            "is_swapped": alert.swapped_at is not None,
        },
    )


def _waits(data: dict[str, Any]) -> Words:
    label = str(Alert.Kind(data["kind"]).label)
    at = datetime.fromisoformat(data["lifts_at"])
    about = "the work of one annotator" if data["is_of_one"] else "the whole project"
    text = (
        f"It is about {about}. Look at the answers and decide until {moment_words(at)}; if nobody does, "
        "the alert is lifted by itself."
    )
    path = reverse("alert", args=[data["slug"], data["alert_id"]])
    return Words(f"An alert waits in {data['project']}: {label}", text, path)


def _told(data: dict[str, Any]) -> Words:
    text = (
        f"{words.own(data['kind'])} A person looks at it within a day. You can write what you think of it; nothing "
        "that you have earned changes."
    )
    return Words(f"An alert about your answers in {data['project']}", text, _how_i_do(data))


def _decided(data: dict[str, Any]) -> Words:
    project = data["project"]
    if data["state"] == Alert.State.UPHELD:
        text = f"{words.own(data['kind'])} A person has confirmed it; the page says why and what follows."
        return Words(f"An alert about your answers in {project} was upheld", text, _how_i_do(data))
    who = (
        "A person found your work fine."
        if data["by"] == Alert.By.PERSON
        else "Nobody confirmed it in time, so it has no effect."
    )
    back = " You have your usual work back." if data["is_swapped"] else ""
    return Words(
        f"The alert about your answers in {project} was lifted", who + back, _how_i_do(data)
    )


def _how_i_do(data: dict[str, Any]) -> str:
    return reverse("how_i_do", args=[data["enrollment_id"]])


def register() -> None:
    """Register the kinds. Called from the AppConfig's ready()."""
    kinds.register(
        Kind(WAITS, Topic.ALERTS, _waits),
        Kind(TOLD, Topic.ALERTS, _told),
        Kind(DECIDED, Topic.ALERTS, _decided),
    )
