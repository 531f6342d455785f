"""What is told of enrollments: to annotators that a member changed theirs, to members what an annotator replies."""

from typing import Any

from django.urls import reverse

from projects.enrollment.models import Enrollment
from projects.enrollment.states.models import EnrollmentChange, EnrollmentReply
from rlhfhub.notices import kinds, services
from rlhfhub.notices.kinds import Kind, Words
from rlhfhub.notices.topics import Topic
from rlhfhub.tenancy.models import Workspace

CHANGED, REPLIED = "enrollment.changed", "enrollment.replied"
_KEPT = (
    "Answers that you submitted stay, are decided and paid as always; you can still revise what was sent back and "
    "appeal against a rejection."
)


def tell_of_change(change: EnrollmentChange) -> None:
    """Tell an annotator that a member changed the state of their enrollment. Workspace plane."""
    services.tell(
        person_id=change.annotator_id,
        workspace_id=change.workspace_id,
        kind=CHANGED,
        cause=change.pk,
        data={
            "project": change.enrollment.project.name,
            "enrollment_id": str(change.enrollment_id),
            "to": change.to_state,
            "reason": change.get_reason_display(),
            "is_restored": change.reason == EnrollmentChange.Reason.RESTORED,
        },
    )


def tell_of_reply(enrollment: Enrollment, reply: EnrollmentReply) -> None:
    """Tell the members who may edit that an annotator replied. Annotator plane."""
    workspace = Workspace.objects.get(pk=enrollment.workspace_id)
    data = {
        "project": enrollment.project.name,
        "pseudonym": enrollment.pseudonym,
        "project_id": str(enrollment.project_id),
        "slug": workspace.slug,
    }
    services.tell_leaders(workspace_id=workspace.pk, kind=REPLIED, cause=reply.pk, data=data)


def _changed(data: dict[str, Any]) -> Words:
    path, project = reverse("own_enrollment", args=[data["enrollment_id"]]), data["project"]
    if data.get("is_restored"):
        return Words(f"Your enrollment in {project} goes on", _restored(data["to"]), path)
    if data["to"] == Enrollment.State.PAUSED:
        text = (
            f"The reason: {data['reason']}. You get no new items until the workspace resumes your work; an item that "
            f"you hold now can be finished. {_KEPT} The page shows what was written, and you can reply once."
        )
        return Words(f"You are paused in {project}", text, path)
    if data["to"] == Enrollment.State.ENDED:
        text = (
            f"The reason: {data['reason']}. An item that you hold now can still be submitted or returned. {_KEPT} "
            "The page shows what was written, and you can reply once."
        )
        return Words(f"Your enrollment in {project} has ended", text, path)
    text = "The pause is over. Your work goes on from where it was."
    return Words(f"You can work in {project} again", text, path)


def _restored(state: str) -> str:
    end = "The workspace has taken back the end of your enrollment."
    if state == Enrollment.State.PAUSED:
        return (
            f"{end} You are paused, as you were before it, until the workspace resumes your work."
        )
    if state == Enrollment.State.CALIBRATING:
        return f"{end} An attempt at calibration that was running has ended; another one begins when a round has room."
    return f"{end} You are where you were before it, and keep what you were cleared for."


def _replied(data: dict[str, Any]) -> Words:
    path = reverse("enrollment", args=[data["slug"], data["project_id"], data["pseudonym"]])
    text = (
        "They say what they think of the pause or the end of their enrollment. Read it on its page; you can resume a "
        "pause there."
    )
    return Words(f"{data['pseudonym']} in {data['project']} has replied", text, path)


def register() -> None:
    """Register the kinds. Called from the AppConfig's ready()."""
    kinds.register(
        Kind(CHANGED, Topic.DECISIONS, _changed), Kind(REPLIED, Topic.PROJECTS, _replied)
    )
