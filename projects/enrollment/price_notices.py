"""What annotators are told when a project's price changes."""

from collections.abc import Sequence
from typing import Any

from django.db.models.functions import JSONObject
from django.urls import reverse

from projects.enrollment.models import Enrollment
from projects.plan.models import PriceVersion
from projects.plan.prices import PRICE_CHANGED
from rlhfhub.events import outbox
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
        people = Enrollment.objects.filter(project=project).exclude(state=Enrollment.State.ENDED)
        services.tell_all(
            people=people.values_list("annotator_id", JSONObject(enrollment_id="pk")),
            workspace_id=version.workspace_id,
            kind=CHANGED,
            cause=version.pk,
            data={
                "project": project.name,
                "price": format_minor(version.price_minor, project.currency),
                "before": format_minor(fact.data["before_minor"], project.currency),
                "because": version.because,
            },
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
    outbox.subscribe(PRICE_CHANGED, on_price_changed)
