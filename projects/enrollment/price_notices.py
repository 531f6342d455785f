"""What annotators are told when a project's price changes."""

from collections.abc import Sequence
from typing import Any

from django.db.models.functions import JSONObject
from django.urls import reverse

from projects.enrollment.models import Enrollment
from projects.plan.models import PriceVersion
from projects.plan.prices import PRICE_CHANGED
from rlhfhub.events import debts, outbox
from rlhfhub.events.debts import Debt
from rlhfhub.events.outbox import Fact
from rlhfhub.ground.money import format_minor
from rlhfhub.notices import kinds, services
from rlhfhub.notices.kinds import Kind, Words
from rlhfhub.notices.topics import Topic

CHANGED = "price.changed"


def on_price_changed(facts: Sequence[Fact]) -> None:
    """Tell everybody who works in the project, or may again. Workspace plane."""
    for fact in facts:
        version = PriceVersion.objects.select_related("project").get(pk=fact.subject_id)
        project = version.project
        before = PriceVersion.objects.get(project=project, number=version.number - 1)
        people = Enrollment.objects.filter(project=project).exclude(state=Enrollment.State.ENDED)
        services.tell_all(
            people=people.values_list("annotator_id", JSONObject(enrollment_id="pk")),
            workspace_id=version.workspace_id,
            kind=CHANGED,
            cause=version.pk,
            data={
                "project": project.name,
                "price": format_minor(version.price_minor, project.currency),
                "before": format_minor(before.price_minor, project.currency),
                "because": version.because,
            },
        )


_UNTOLD = """
    SELECT v.workspace_id, v.id AS subject_id, '{}'::jsonb AS data FROM projects_plan_priceversion v
    WHERE v.id > %(after)s AND v.id <= %(end)s AND v.number > 1
      AND EXISTS (SELECT FROM projects_enrollment_enrollment e
                  WHERE e.project_id = v.project_id AND e.state <> 'ended' AND e.created_at <= v.at)
      AND NOT EXISTS (SELECT FROM rlhfhub_notices_notice n
                      WHERE n.workspace_id = v.workspace_id AND n.cause = 'price.changed:' || v.id)
"""
UNTOLD = Debt(
    "annotators are told of a new price", PRICE_CHANGED, "projects_plan_priceversion", _UNTOLD
)


def _changed(data: dict[str, Any]) -> Words:
    said = f"They write: “{data['because']}” " if data["because"] else ""
    text = (
        f"In new batches an answer pays {data['price']}; before it was {data['before']}. {said}Batches that are open "
        "now keep their price, and so does everything you have submitted."
    )
    return Words(
        f"Another price in {data['project']}",
        text,
        reverse("own_enrollment", args=[data["enrollment_id"]]),
    )


def register() -> None:
    """Register the kind and when it is told. Called from the AppConfig's ready()."""
    kinds.register(Kind(CHANGED, Topic.PROJECTS, _changed))
    debts.register(UNTOLD)
    outbox.subscribe(PRICE_CHANGED, on_price_changed)
