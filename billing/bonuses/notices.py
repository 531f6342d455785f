"""What annotators are told of bonuses."""

from typing import Any

from django.urls import reverse

from billing.bonuses.models import Bonus
from rlhfhub.ground.money import format_minor
from rlhfhub.notices import kinds, services
from rlhfhub.notices.kinds import Kind, Words
from rlhfhub.notices.topics import Topic

GIVEN = "bonus.given"


def tell(bonus: Bonus) -> None:
    """Tell the annotator of a bonus, once. System plane."""
    services.tell(
        person_id=bonus.annotator_id,
        workspace_id=bonus.workspace_id,
        kind=GIVEN,
        cause=bonus.pk,
        data={
            "project": bonus.enrollment.project.name,
            "enrollment_id": str(bonus.enrollment_id),
            "amount": format_minor(bonus.amount_minor, bonus.currency),
            "answers": bonus.answers,
            "reason": bonus.reason,
        },
    )


def _given(data: dict[str, Any]) -> Words:
    path = reverse("earnings_in", args=[data["enrollment_id"]])
    if data["answers"]:
        text = (
            f"The customer raised the pay of answers that were accepted before: {data['answers']:,} of yours got more. "
            "It is on your earnings, and is paid out with them."
        )
        return Words(f"{data['amount']} more for your answers in {data['project']}", text, path)
    text = f"They write: “{data['reason']}” It is on your earnings, and is paid out with them."
    return Words(f"A bonus of {data['amount']} in {data['project']}", text, path)


def register() -> None:
    """Register the kind. Called from the AppConfig's ready()."""
    kinds.register(Kind(GIVEN, Topic.MONEY, _given))
