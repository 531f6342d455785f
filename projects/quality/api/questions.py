"""The question of the form that a request is about."""

from rest_framework import serializers

from projects.kinds.protocol import Scale
from projects.plan.models import Project
from projects.quality import selectors
from rlhfhub.api.queries import PageQuery, Query
from rlhfhub.ground.refusals import invalid


def _field() -> serializers.CharField:
    return serializers.CharField(
        required=False,
        help_text="The name of a question of the form that makes judgments. By default the first one.",
    )


class OneQuestionQuery(Query):
    question = _field()


class QuestionQuery(PageQuery):
    question = _field()


def asked(question: str | None, project: Project) -> tuple[str, Scale | None]:
    """Return the requested question, by default the project's headline question, and its scale.

    Raises Refused if the form has no such question, or if the question makes no judgments.
    """
    scales = selectors.scales_of(project)
    name = next(iter(scales), "") if question is None else question
    if question is not None and name not in scales:
        choices = "choose from " + ", ".join(scales)
        none = "leave this out: no question of this project's form makes judgments"
        raise invalid("question", choices if scales else none)
    return name, scales.get(name)
