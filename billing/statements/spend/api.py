"""What a workspace spent, and what a project and a batch cost, over REST."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from billing.statements.spend.forecast import Forecast, forecast_of
from billing.statements.spend.period import period
from billing.statements.spend.rows import cost_of_row
from billing.statements.spend.sums import PARTS, Spent, spend_of
from projects.items.models import Batch
from projects.plan.models import Project
from rlhfhub.api.authentication import caller_of
from rlhfhub.api.queries import Query, QueryId
from rlhfhub.api.views import WorkspaceAPIView, by_id
from rlhfhub.ground.currencies import DECIMALS
from rlhfhub.ground.refusals import invalid
from rlhfhub.tenancy.models import Workspace

#: So many rows of each list are returned.
MOST = 1_000


class SpendQuery(Query):
    """Which spend is asked for."""

    since = serializers.DateField(
        required=False, help_text="The first day (UTC); by default 29 days before `until`."
    )
    until = serializers.DateField(
        required=False, help_text="The last day (UTC), included; by default today."
    )
    project = QueryId(required=False, help_text="On this project and its reviews only.")
    currency = serializers.ChoiceField(
        choices=sorted(DECIMALS),
        required=False,
        help_text="By default that of the project, or else of the workspace.",
    )


class SpentAnswer(serializers.Serializer[Any]):
    answers = serializers.IntegerField()
    pay_minor = serializers.IntegerField(help_text="What annotators got.")
    fee_minor = serializers.IntegerField(help_text="What the platform got.")
    total_minor = serializers.IntegerField()


class PartAnswer(SpentAnswer):
    part = serializers.ChoiceField(choices=list(PARTS), help_text="What it was for.")


class BatchSpentAnswer(SpentAnswer):
    project = serializers.UUIDField()
    batch = serializers.UUIDField(
        allow_null=True, help_text="Null for bonuses and top-ups, which are of no batch."
    )


class AnnotatorSpentAnswer(SpentAnswer):
    project = serializers.UUIDField()
    pseudonym = serializers.CharField()


class QuestionSpentAnswer(SpentAnswer):
    project = serializers.CharField(help_text="The project's name.")
    question = serializers.CharField(help_text="The question's title.")


class SpendAnswer(serializers.Serializer[Any]):
    since = serializers.DateField()
    until = serializers.DateField()
    currency = serializers.CharField()
    total = SpentAnswer()
    parts = PartAnswer(many=True)
    batches = BatchSpentAnswer(many=True, help_text=f"At most {MOST:,}, those that cost most.")
    annotators = AnnotatorSpentAnswer(
        many=True, help_text=f"At most {MOST:,}, those that got most."
    )
    questions = QuestionSpentAnswer(
        many=True,
        help_text=(
            f"At most {MOST:,}. Each is the whole cost of the answers that asked it, because one price pays for all "
            "questions of an answer: they are not to be added up."
        ),
    )


class EndingAnswer(serializers.Serializer[Any]):
    days = serializers.IntegerField(help_text="The pace is that of so many whole days.")
    per_day = serializers.FloatField()
    day = serializers.DateField(help_text="When the last answer is given at that pace.")
    earliest = serializers.DateField(help_text="Of a 95 % interval.")
    latest = serializers.DateField(
        allow_null=True, help_text="Null if the days differ too much to say."
    )


class ForecastAnswer(serializers.Serializer[Any]):
    currency = serializers.CharField()
    spent_minor = serializers.IntegerField(help_text="For accepted answers.")
    rest_minor = serializers.IntegerField(help_text="What is expected still to come.")
    total_minor = serializers.IntegerField()
    reserved_minor = serializers.IntegerField(help_text="Set aside: no more can be spent.")
    left = serializers.IntegerField(help_text="Answers still to be given.")
    undecided = serializers.IntegerField()
    ending = EndingAnswer(allow_null=True, help_text="Null while there is not enough data.")


class CostsAnswer(serializers.Serializer[Any]):
    currency = serializers.CharField()
    rows = serializers.IntegerField(
        help_text="Items that can be delivered now: with an accepted answer, and none undecided."
    )
    total_minor = serializers.IntegerField(help_text="All that was spent since the beginning.")
    row_minor = serializers.FloatField(
        allow_null=True, help_text="The cost of a row, not rounded; null before there is one."
    )
    parts = PartAnswer(many=True, help_text="What the total is made of.")
    forecast = ForecastAnswer(
        allow_null=True, help_text="Null where nothing is funded and not closed."
    )


class SpendView(WorkspaceAPIView):
    scopes: ClassVar = {"GET": "read"}
    queries: ClassVar = {"GET": SpendQuery}

    @extend_schema(responses=SpendAnswer)
    def get(self, request: Request) -> Response:
        """What was paid for accepted answers, and given as bonuses, in a period of at most 366 days."""
        asked = self.query
        workspace = Workspace.objects.get(pk=caller_of(request).workspace_id)
        project = _project(asked.get("project"))
        currency = asked.get("currency") or (project.currency if project else workspace.currency)
        when = period(asked.get("since"), asked.get("until"))
        found = spend_of(workspace.pk, currency, when, project.pk if project else None)
        batches = [
            _spent(one.spent, project=one.project.pk, batch=one.batch and one.batch.pk)
            for one in found.batches[:MOST]
        ]
        annotators = [
            _spent(one.spent, project=one.project_id, pseudonym=one.pseudonym)
            for one in found.annotators[:MOST]
        ]
        questions = [
            _spent(one.spent, project=one.project, question=one.question)
            for one in found.questions[:MOST]
        ]
        return Response(
            {
                "since": when.first,
                "until": when.last,
                "currency": currency,
                "total": _spent(found.total),
                "parts": [_spent(one.spent, part=one.part) for one in found.parts],
                "batches": batches,
                "annotators": annotators,
                "questions": questions,
            }
        )


class ProjectCosts(WorkspaceAPIView):
    scopes: ClassVar = {"GET": "read"}
    finds: ClassVar = {"project": by_id(Project)}

    @extend_schema(responses=CostsAnswer)
    def get(self, request: Request, project: Project) -> Response:
        """What a delivered row of a project costs, and what is still to come. Counted at most every few minutes."""
        return Response(_costs(project))


class BatchCosts(WorkspaceAPIView):
    scopes: ClassVar = {"GET": "read"}
    finds: ClassVar = {"batch": by_id(Batch, "project")}

    @extend_schema(responses=CostsAnswer)
    def get(self, request: Request, batch: Batch) -> Response:
        """What a delivered row of a batch costs, and what is still to come. Counted at most every few minutes."""
        return Response(_costs(batch.project, batch))


def _costs(project: Project, batch: Batch | None = None) -> dict[str, Any]:
    row = cost_of_row(project, batch)
    return {
        "currency": row.currency,
        "rows": row.rows,
        "total_minor": row.total_minor,
        "row_minor": row.each_minor,
        "parts": [_spent(one.spent, part=one.part) for one in row.parts],
        "forecast": _forecast(forecast_of(project, batch)),
    }


def _forecast(found: Forecast | None) -> dict[str, Any] | None:
    return None if found is None else dict(ForecastAnswer(found).data)


def _spent(spent: Spent, **more: Any) -> dict[str, Any]:
    return more | dict(SpentAnswer(spent).data)


def _project(project_id: Any) -> Project | None:
    if project_id is None:
        return None
    found: Project | None = Project.objects.filter(pk=project_id).first()
    if found is None:
        raise invalid("project", "There is no such project in this workspace.")
    return found
