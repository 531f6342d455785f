"""What annotators are told about guidelines: a new version is in force."""

import uuid
from typing import Any

from django.db.models.functions import JSONObject
from django.urls import reverse

from projects.enrollment.models import Enrollment
from projects.plan import publishing
from projects.plan.models import GuidelineVersion, Project
from projects.plan.publishing import Follow
from rlhfhub.notices import kinds, services
from rlhfhub.notices.kinds import Kind, Words
from rlhfhub.notices.topics import Topic

CHANGED = "guidelines.changed"
# Who accepted a version before and can work. Who has just joined, or is let work again, reads the newest one anyway.
_AT_WORK = (Enrollment.State.CALIBRATING, Enrollment.State.ACTIVE)


def tell_of_change(version: GuidelineVersion, actor_id: uuid.UUID | None) -> None:
    """Tell the project's annotators that this version has come into force. Workspace plane."""
    people = Enrollment.objects.filter(project=version.project_id, state__in=_AT_WORK)
    services.tell_all(
        people=people.values_list("annotator_id", JSONObject(enrollment_id="pk")),
        workspace_id=version.workspace_id,
        kind=CHANGED,
        cause=version.pk,
        data={
            "project": version.project.name,
            "number": version.number,
            "is_major": version.change == GuidelineVersion.Change.MAJOR,
            "calibrates": version.project.calibration == Project.Calibration.REQUIRED,
        },
    )


def _changed(data: dict[str, Any]) -> Words:
    path = reverse("guideline", args=[data["enrollment_id"]])
    if data["is_major"]:
        then = "calibrate under it, and get work again when you have passed"
        if not data.get("calibrates"):
            then = "get work again"
        text = f"Version {data['number']} changes how to answer. It is in force: read and accept it, then you {then}."
        return Words(f"New guidelines for {data['project']}", text, path)
    text = (
        f"Version {data['number']} is in force. It is a small change that you need not accept. Have a look at it "
        "before you go on."
    )
    return Words(f"A small change to the guidelines of {data['project']}", text, path)


def register() -> None:
    """Register the kind and when it is told. Called from the AppConfig's ready()."""
    kinds.register(Kind(CHANGED, Topic.GUIDELINES, _changed))
    publishing.register(Follow(do=tell_of_change))
