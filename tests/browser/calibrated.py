"""A project that calibrates, for screenshots: some passed, one did not, and another round is a draft."""

from dataclasses import dataclass
from typing import Any

from projects.calibration.services import marking
from projects.work.models import Annotation
from rlhfhub.tenancy import planes
from tests.browser.measured import attesting_annotator
from tests.calibration import made
from tests.factories import Tenant, make_project
from tests.identities import ATTESTING, CALIBRATING, NOT_PASSED, PAUSED
from tests.people import Annotator, make_annotator, pause


@dataclass(frozen=True)
class Calibrated:
    """The ids in the addresses of the screenshots, and the people who open these pages."""

    ids: dict[str, Any]
    workers: dict[str, Annotator]


def calibrated_project(tenant: Tenant) -> Calibrated:
    """Create the project with its rounds; in others, somebody who must attest something, and one who is paused."""
    project = made.make_asking_project(tenant, name="Is the answer right?")
    made.make_pool(project, 2 * made.ITEMS, rules=("R1",))
    opened = made.open_round(project, needed=3, alpha_target=0.6)
    annotators = made.make_annotators(project, 5)
    for number, annotator in enumerate(annotators[:3]):
        made.answer(annotator, made.of_accuracy(0.95, number), most=16)
    made.answer(annotators[3], made.of_accuracy(0.3, 7), most=12)
    made.answer(annotators[4], made.right, most=4)
    with planes.as_system(project.workspace_id):
        marking.mark_answers(
            annotation_ids=list(
                Annotation.objects.filter(project=project).values_list("pk", flat=True)
            )
        )
    paused = make_annotator(make_project(tenant, name="Is it polite?"), "Eli")
    pause(paused.enrollment)
    ids = {
        "paused": paused.enrollment.pseudonym,
        "paused_in": paused.enrollment.project_id,
        "asking": project.pk,
        "round_id": opened.pk,
        "draft_round": made.make_round(project).pk,
    }
    return Calibrated(
        ids,
        {
            NOT_PASSED: annotators[3],
            CALIBRATING: annotators[4],
            ATTESTING: attesting_annotator(tenant),
            PAUSED: paused,
        },
    )
