"""What annotators are told of bonuses."""

import uuid
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import JSONObject
from django.urls import reverse

from billing.bonuses.models import Bonus
from rlhfhub.ground.money import format_minor
from rlhfhub.notices import kinds, services
from rlhfhub.notices.kinds import Kind, Words
from rlhfhub.notices.topics import Topic

GIVEN = "bonus.given"


def tell(rows: QuerySet[Bonus], cause_id: uuid.UUID) -> None:
    """Tell the annotators of a bonus or of a top-up, which is the cause, each once. System plane."""
    first = rows.select_related("enrollment__project").first()
    if first is None:
        return
    told = JSONObject(
        enrollment_id="enrollment_id",
        amount_minor="amount_minor",
        answers="answers",
        reason="reason",
        version="reading__guideline_version__number",
    )
    services.tell_all(
        people=rows.values_list("annotator_id", told),
        workspace_id=first.workspace_id,
        kind=GIVEN,
        cause=cause_id,
        data={"project": first.enrollment.project.name, "currency": first.currency},
    )


def _given(data: dict[str, Any]) -> Words:
    path = reverse("earnings_in", args=[data["enrollment_id"]])
    amount = format_minor(data["amount_minor"], data["currency"])
    if data["answers"]:
        text = (
            f"The customer raised the pay of answers that were accepted before: {data['answers']:,} of yours got more. "
            "It is on your earnings, and is paid out with them."
        )
        return Words(f"{amount} more for your answers in {data['project']}", text, path)
    if data.get("version"):
        text = (
            f"You read version {data['version']} of the guidelines, and your first answer under it is accepted. It is "
            "on your earnings, and is paid out with them."
        )
        return Words(f"{amount} for reading the guidelines of {data['project']}", text, path)
    text = f"They write: “{data['reason']}” It is on your earnings, and is paid out with them."
    return Words(f"A bonus of {amount} in {data['project']}", text, path)


def register() -> None:
    """Register the kind. Called from the AppConfig's ready()."""
    kinds.register(Kind(GIVEN, Topic.MONEY, _given))
