"""The end of the demo's appeal: an annotator of the platform reads the case at their desk and decides it."""

import uuid
from collections.abc import Callable
from typing import Any

from django.conf import settings

from projects.work.services import annotations, leasing
from projects.work.services.leasing import HeldLease
from rlhfhub.devtools.demo_file import DemoFile
from rlhfhub.devtools.rest import Rest
from rlhfhub.devtools.waiting import wait_until
from rlhfhub.tenancy import planes

Say = Callable[[str], None]

LEASE_SECONDS = 60
DECISION_SECONDS = 60
WHY = "The chosen response does all that was asked, and nothing in the answer speaks of its looks."


def outcome_of(owner: Rest, path: str, made: dict[str, Any]) -> str:
    """Return how far the rejection of an answer is; empty if it is not rejected. `path` is the project's."""
    rows = owner.every(f"{path}rejections/")
    found = next((row for row in rows if row["annotation"] == made["annotation"]), None)
    return str(found["outcome"]) if found else ""


def decide_appeal(file: DemoFile, owner: Rest, say: Say) -> None:
    """Decide the demo's appeal for its annotator, unless it is decided. Without a decider it is left to the staff."""
    made = file.data.get("reviews", {}).get("appealed")
    path = f"projects/{file.data['project']}/"
    if made is None or outcome_of(owner, path, made) != "appealed":
        return
    if "decider" not in file.data:
        say("the appeal waits for the staff's decision")
        return
    try:
        _decide(file.data["decider"], file.data["platform"])
    except TimeoutError as error:
        say(f"the appeal is left to the staff: {error}")
        return

    def is_decided() -> bool:
        return outcome_of(owner, path, made) == "overturned"

    wait_until(is_decided, DECISION_SECONDS, "the decision on the appeal")
    say("the appeal is decided: the rule was followed, and the answer is paid")


def _decide(decider: dict[str, Any], platform: dict[str, Any]) -> None:
    """Lease the appeal and answer it, in a browser's stead: deciding appeals is not allowed by program."""
    person, workspace = uuid.UUID(decider["user"]), uuid.UUID(platform["workspace"])
    project = uuid.UUID(platform["project"])
    held: list[HeldLease] = []

    def is_leased() -> bool:
        with planes.at_desk(person, workspace, project):
            found = leasing.lease_next(
                person_id=person,
                grace_seconds=settings.LEASE_GRACE_SECONDS,
                project_id=project,
            )
        held.extend([found] if found else [])
        return bool(held)

    wait_until(is_leased, LEASE_SECONDS, "an appeal to decide")
    with planes.at_desk(person, workspace, project):
        annotations.submit(
            lease_id=held[0].id,
            answer={"verdict": "followed", "note": WHY},
            grace_seconds=settings.LEASE_GRACE_SECONDS,
        )
