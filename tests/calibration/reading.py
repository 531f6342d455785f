"""What tests of pages send and read: the form of a round, the text of a page, the newest round."""

from typing import Any

from projects.calibration.models import Round
from projects.plan.models import Project
from rlhfhub.tenancy import planes

#: A form of a small round.
FORM = {
    "question": "preference",
    "items": "20",
    "seats": "6",
    "needed": "1",
    "pass_at": "85",
    "fail_at": "65",
    "wrong_pass": "5",
    "wrong_fail": "5",
    "wait_hours": "0",
    "idle_days": "7",
}


def text_of(response: Any) -> str:
    return " ".join(response.content.decode().split())


def newest(project: Project) -> Round:
    with planes.in_workspace(project.workspace_id):
        return Round.objects.filter(project=project).latest("number")
