"""The schema of REST and the page that shows it. Neither needs a key, a session or the database."""

from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework import serializers
from rest_framework.renderers import BaseRenderer
from rest_framework.response import Response

from rlhfhub.api import errors
from rlhfhub.api.queries import Query, TakesQuery
from rlhfhub.ground.refusals import Refused

# Swagger UI's scripts and styles are files of our own; its icons are data: addresses in its style sheet.
_DOCS_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


class _StrictQuery(TakesQuery):
    """Refuses what `queries` does not name before the library sees it: of some parameters, it makes headers."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            self.query = self.query_of(request.method).read(request.GET)
        except (Refused, serializers.ValidationError) as error:
            # In JSON, as all errors of REST: these views have renderers of their own.
            return errors.rendered(error)
        answer: HttpResponse = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        return answer


class FormatQuery(Query):
    """How the OpenAPI document is written."""

    format = serializers.ChoiceField(choices=["json", "yaml"], required=False)


class ScriptQuery(Query):
    """Whether Swagger UI's start script is asked for, and not its page."""

    script = serializers.ChoiceField(choices=[""], required=False)


class SchemaFile(_StrictQuery, SpectacularAPIView):
    """The OpenAPI document, as YAML or JSON by the Accept header or `?format=json`."""

    http_method_names = ["get", "head"]
    queries: ClassVar = {"GET": FormatQuery}

    def get_renderers(self) -> list[BaseRenderer]:
        asked = self.query.get("format")
        return [one for one in super().get_renderers() if asked in (None, one.format)]


class Docs(_StrictQuery, SpectacularSwaggerSplitView):
    """Swagger UI, its script at an address of its own (`?script=`): the page runs nothing inline."""

    http_method_names = ["get", "head"]
    queries: ClassVar = {"GET": ScriptQuery}
    url_name = "api_schema"
    template_name = "rlhfhub/api/docs.html"

    def finalize_response(self, *args: Any, **kwargs: Any) -> Response:
        response: Response = super().finalize_response(*args, **kwargs)
        response["Content-Security-Policy"] = _DOCS_POLICY
        return response
