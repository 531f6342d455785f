"""REST for a person's own desk key: their profile, and the terms they accept."""

from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotators.profiles import selectors, services
from annotators.profiles.models import DOCUMENTS, MOST_DOMAINS, MOST_LANGUAGES
from annotators.profiles.readiness import Unmet, Where, unmet_for_pay
from annotators.profiles.tags import Content
from rlhfhub.api.authentication import caller_of
from rlhfhub.api.bodies import Body, Choice, Flag, Integer, Text
from rlhfhub.api.views import DeskAPIView


class ProfileBody(Body):
    is_adult = Flag(
        required=False, help_text="Whether you are 18 or older. Paid work is for adults."
    )
    country = Text(
        required=False,
        max_length=2,
        allow_blank=True,
        help_text="The code (ISO 3166) of the country you live in. It decides whether you can be paid.",
    )
    languages = serializers.ListField(
        child=Text(max_length=8),
        max_length=MOST_LANGUAGES,
        required=False,
        help_text="Codes (BCP 47) of the languages you read and write well: `pt`, or `pt-BR`, which counts for both.",
    )
    domains = serializers.ListField(
        child=Text(max_length=80),
        max_length=MOST_DOMAINS,
        required=False,
        help_text="What you know well, in words such as `medicine`. They are stored in lower case.",
    )
    avoids = serializers.ListField(
        child=Choice(choices=Content.choices),
        required=False,
        help_text="What you do not want to see.",
    )


class UnmetAnswer(serializers.Serializer[Any]):
    code = serializers.CharField()
    words = serializers.CharField()
    where = serializers.ChoiceField(
        choices=list(Where), help_text="Where you can change it; `nowhere` if you cannot."
    )


class ProfileAnswer(serializers.Serializer[Any]):
    is_adult = serializers.BooleanField()
    country = serializers.CharField()
    languages = serializers.ListField(child=serializers.CharField())
    domains = serializers.ListField(child=serializers.CharField())
    avoids = serializers.ListField(child=serializers.CharField())
    unmet_for_pay = UnmetAnswer(
        many=True, help_text="What you lack to take paid work; empty if you can."
    )


class AcceptedAt(serializers.Serializer[Any]):
    work = serializers.DateTimeField(source="work_at")
    confidentiality = serializers.DateTimeField(source="confidentiality_at")
    rights = serializers.DateTimeField(source="rights_at")


class TermsAnswer(serializers.Serializer[Any]):
    number = serializers.IntegerField()
    published_at = serializers.DateTimeField()
    work = serializers.CharField(help_text="Markdown.")
    confidentiality = serializers.CharField(help_text="Markdown.")
    rights = serializers.CharField(help_text="Markdown.")
    is_accepted = serializers.BooleanField(help_text="Whether you have accepted this version.")
    accepted_at = AcceptedAt(
        allow_null=True,
        help_text="When you accepted each document of this version; null if you have not.",
    )


_EACH = "Whether you accept this document. Must be true."


class AcceptTermsBody(Body):
    number = Integer(min_value=1, max_value=32767, help_text="The version that you have read.")
    work = Flag(default=False, help_text=_EACH)
    confidentiality = Flag(default=False, help_text=_EACH)
    rights = Flag(default=False, help_text=_EACH)


def unmet_json(found: list[Unmet]) -> list[dict[str, str]]:
    """Return what somebody lacks as responses show it."""
    return [{"code": one.code, "words": one.words, "where": str(one.where)} for one in found]


class OwnProfile(DeskAPIView):
    scopes: ClassVar = {"GET": "desk", "PATCH": "desk"}

    def _answer(self, request: Request) -> Response:
        person = selectors.person(caller_of(request).person_id)
        told = {
            name: getattr(person, name)
            for name in ("is_adult", "country", "languages", "domains", "avoids")
        }
        told["unmet_for_pay"] = unmet_json(unmet_for_pay(person))
        return Response(ProfileAnswer(told).data)

    @extend_schema(responses=ProfileAnswer)
    def get(self, request: Request) -> Response:
        """Return what you told about yourself, and what you lack to take paid work."""
        return self._answer(request)

    @extend_schema(request=ProfileBody, responses=ProfileAnswer)
    def patch(self, request: Request) -> Response:
        """Change your profile. What you leave out stays as it is. It holds from your next item on."""
        fields = ProfileBody.read(request)
        services.save_profile(person_id=caller_of(request).person_id, **fields)
        return self._answer(request)


class TermsInForce(DeskAPIView):
    @extend_schema(responses=TermsAnswer)
    def get(self, request: Request) -> Response:
        """Return the terms in force, and whether you have accepted them."""
        return _terms(request)

    @extend_schema(
        request=AcceptTermsBody,
        responses={
            200: TermsAnswer,
            409: OpenApiResponse(description="Another version is in force (`not_in_force`)."),
        },
    )
    def post(self, request: Request) -> Response:
        """Accept the terms in force, each document for itself. Paid work needs it. Accepting twice changes nothing."""
        body = AcceptTermsBody.read(request)
        accepted = {name for name in DOCUMENTS if body[name]}
        person_id = caller_of(request).person_id
        services.accept_terms(person_id=person_id, number=body["number"], documents=accepted)
        return _terms(request)


def _terms(request: Request) -> Response:
    terms = selectors.terms_in_force()
    accepted = selectors.acceptance_of(caller_of(request).person_id, terms)
    told = {**vars(terms), "is_accepted": accepted is not None, "accepted_at": accepted}
    return Response(TermsAnswer(told).data)
