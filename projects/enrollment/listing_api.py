"""REST: what a project asks of annotators, the items it shows before they join, and the listing as they see it."""

import uuid
from typing import Any, ClassVar

from django.http import Http404
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotators.profiles import selectors as profiles
from annotators.profiles.api import UnmetAnswer, unmet_json
from annotators.profiles.tags import Content
from projects.enrollment import examples, selectors
from projects.enrollment.asked import unmet
from projects.enrollment.models import Example
from projects.enrollment.reading_api import PaidReading, paid_reading
from projects.plan.guidelines_api import GuidelineRule
from projects.plan.models import Project, Requirement
from projects.plan.requirements import MOST, set_requirement
from rlhfhub.api.authentication import caller_of
from rlhfhub.api.bodies import Body, Choice, Money, Text, money
from rlhfhub.api.idempotency import idempotent
from rlhfhub.api.views import DeskAPIView, WorkspaceAPIView, by_id
from rlhfhub.tenancy import planes

_NEED = "Whether an annotator needs `all` of them or `any`."


class RequirementBody(Body):
    languages = serializers.ListField(
        child=Text(max_length=8),
        max_length=MOST,
        default=list,
        help_text="Codes (BCP 47). `pt` is met by the Portuguese of any country, `pt-BR` only by that of Brazil.",
    )
    languages_need = Choice(choices=Requirement.Need.choices, default="all", help_text=_NEED)
    domains = serializers.ListField(
        child=Text(max_length=80),
        max_length=MOST,
        default=list,
        help_text="What annotators must know well, in words such as `medicine`. They are stored in lower case.",
    )
    domains_need = Choice(choices=Requirement.Need.choices, default="all", help_text=_NEED)
    content = serializers.ListField(
        child=Choice(choices=Content.choices),
        default=list,
        help_text="What the items contain that not everybody wants to see.",
    )


class RequirementAnswer(serializers.Serializer[Any]):
    number = serializers.IntegerField(help_text="The version; 0 if nothing is asked.")
    languages = serializers.ListField(child=serializers.CharField())
    languages_need = serializers.CharField()
    domains = serializers.ListField(child=serializers.CharField())
    domains_need = serializers.CharField()
    content = serializers.ListField(child=serializers.CharField())


def _requirement(asks: Requirement | None) -> Response:
    shown = asks or Requirement(number=0)
    return Response(RequirementAnswer(shown).data)


class OneRequirement(WorkspaceAPIView):
    scopes: ClassVar = {"GET": "read", "PUT": "write"}
    finds: ClassVar = {"project": by_id(Project, "requirement")}

    @extend_schema(responses=RequirementAnswer)
    def get(self, request: Request, project: Project) -> Response:
        """Return what the project asks of annotators."""
        return _requirement(project.requirement)

    @extend_schema(request=RequirementBody, responses=RequirementAnswer)
    def put(self, request: Request, project: Project) -> Response:
        """Replace what the project asks for. It holds from each annotator's next lease on."""
        fields = RequirementBody.read(request)
        actor_id = caller_of(request).created_by_id
        changed = set_requirement(project=project, actor_id=actor_id, **fields)
        return _requirement(changed.requirement)


class ExampleBody(Body):
    external_id = Text(max_length=1000, help_text="The id of the item, as it was imported.")


class ExampleAnswer(serializers.ModelSerializer[Example]):
    item = serializers.UUIDField(source="item_id")
    external_id = serializers.CharField(source="item.external_id")

    class Meta:
        model = Example
        fields: tuple[str, ...] = ("id", "number", "item", "external_id", "created_at")


class Examples(WorkspaceAPIView):
    scopes: ClassVar = {"GET": "read", "POST": "write"}
    finds: ClassVar = {"project": by_id(Project)}

    @extend_schema(responses=ExampleAnswer(many=True))
    def get(self, request: Request, project: Project) -> Response:
        """List the items that are shown to everybody who may join; three at most."""
        return Response(ExampleAnswer(examples.of_project(project), many=True).data)

    @extend_schema(
        request=ExampleBody,
        responses={
            201: ExampleAnswer,
            409: OpenApiResponse(
                description="The project shows three already (`too_many_examples`)."
            ),
        },
    )
    @idempotent
    def post(self, request: Request, project: Project) -> Response:
        """Show an item to everybody who may join. One with a known right answer is refused."""
        fields = ExampleBody.read(request)
        actor_id = caller_of(request).created_by_id
        made = examples.add(project=project, actor_id=actor_id, **fields)
        return Response(ExampleAnswer(made).data, status=201)


class OneExample(WorkspaceAPIView):
    scopes: ClassVar = {"DELETE": "write"}
    finds: ClassVar = {"example": by_id(Example)}

    @extend_schema(responses={204: None})
    def delete(self, request: Request, example: Example) -> Response:
        """Show this item no longer."""
        examples.remove(example=example, actor_id=caller_of(request).created_by_id)
        return Response(status=204)


class ListedExample(serializers.Serializer[Any]):
    number = serializers.IntegerField()
    prompt = serializers.ListField(child=serializers.DictField())
    responses = serializers.ListField(child=serializers.DictField())
    context = serializers.DictField()  # type: ignore[assignment]


class ListedPay(serializers.Serializer[Any]):
    basis = serializers.ChoiceField(
        choices=["measured", "estimated"],
        help_text="Whether the figures are measured, from ten answers on, or the customer's estimate, which is never "
        "shorter than reading takes.",
    )
    answers = serializers.IntegerField(help_text="How many answers it is measured from; else 0.")
    seconds = serializers.FloatField(help_text="The time for an answer; measured, their median.")
    per_hour = Money(help_text="Measured, all pay by all time of these answers.")


class ListingAnswer(serializers.Serializer[Any]):
    project = serializers.UUIDField()
    name = serializers.CharField()
    purpose = serializers.ChoiceField(
        choices=Project.Purpose.choices,
        help_text="What you do: answer items (`work`), judge the answers of others (`review`), or decide appeals "
        "against rejections (`appeal`).",
    )
    reviewed = serializers.CharField(
        allow_null=True, help_text="In a review, the name of the project whose answers you judge."
    )
    price = Money()
    reading = PaidReading(
        allow_null=True, help_text="What you get for reading the guidelines; null if nothing."
    )
    estimated_seconds = serializers.IntegerField(help_text="As the customer estimates it.")
    hourly = ListedPay()
    lease_minutes = serializers.IntegerField()
    auto_accept_hours = serializers.IntegerField()
    asks = RequirementAnswer()
    guideline_version = serializers.IntegerField()
    guideline = serializers.CharField(help_text="Markdown.")
    rules = GuidelineRule(many=True)
    questions = serializers.ListField(child=serializers.DictField())
    examples = ListedExample(many=True)
    unmet = UnmetAnswer(many=True, help_text="What you lack to join; empty if you can.")


def _hourly(found: selectors.ListedProject) -> dict[str, Any]:
    pay = found.pay
    return {
        "basis": "measured" if pay.is_measured else "estimated",
        "answers": pay.answers if pay.is_measured else 0,
        "seconds": round(pay.seconds, 1),
        "per_hour": money(pay.hourly_minor, found.currency),
    }


class Listing(DeskAPIView):
    @extend_schema(responses=ListingAnswer)
    def get(self, request: Request, project: uuid.UUID) -> Response:
        """Return what a project pays and asks, before you join it. 404 once you have joined."""
        caller = caller_of(request)
        with planes.at_door():
            found = selectors.joinable_project(caller.person_id, project)
            shown = examples.examples_for(caller.person_id, project)
        if found is None or found.workspace_id != caller.workspace_id:
            raise Http404
        planes.narrow_to_project(project)
        rows = Project.objects.select_related("form", "guideline_version", "requirement")
        row = rows.get(pk=project)
        person = profiles.person(caller.person_id)
        told = {
            "project": row.pk,
            "name": row.name,
            "purpose": row.purpose,
            "reviewed": found.reviewed,
            "price": money(row.price_minor, row.currency),
            "reading": paid_reading(caller.person_id, row.pk),
            "estimated_seconds": row.estimated_seconds,
            "hourly": _hourly(found),
            "lease_minutes": row.lease_minutes,
            "auto_accept_hours": row.auto_accept_hours,
            "asks": row.requirement or Requirement(number=0),
            "guideline_version": row.guideline_version.number,
            "guideline": row.guideline_version.text,
            "rules": row.guideline_version.rules,
            "questions": row.form.questions,
            "examples": shown,
            "unmet": unmet_json(unmet(found.asked, person)),
        }
        return Response(ListingAnswer(told).data)
