"""The OpenAPI schema and the page that shows it. Neither needs a key, a session or the database."""

from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework import serializers
from rest_framework.renderers import BaseRenderer
from rest_framework.response import Response

from rlhfhub.api import errors
from rlhfhub.api.queries import Query, TakesQuery
from rlhfhub.ground.refusals import Refused

# Swagger UI's scripts and styles are served by this site; its icons are `data:` URLs in its style sheet.
_DOCS_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


class _StrictQuery(TakesQuery):
    """Refuses parameters that `queries` does not name, because drf-spectacular copies some of them into headers."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            self.query = self.query_of(request.method).read(request.GET)
        except (Refused, serializers.ValidationError) as error:
            # Render as JSON like every REST error: these views' own renderers would not.
            return errors.rendered(error)
        answer: HttpResponse = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        return answer


class FormatQuery(Query):
    """The query parameters of the OpenAPI document: its format."""

    format = serializers.ChoiceField(choices=["json", "yaml"], required=False)


class ScriptQuery(Query):
    """The query parameters of the Swagger UI page: `script` requests its start script instead of the page."""

    script = serializers.ChoiceField(choices=[""], required=False)


class SchemaFile(_StrictQuery, SpectacularAPIView):
    """The OpenAPI document, as YAML or JSON by the Accept header or `?format=json`."""

    http_method_names = ["get", "head"]
    queries: ClassVar = {"GET": FormatQuery}

    def get_renderers(self) -> list[BaseRenderer]:
        asked = self.query.get("format")
        return [one for one in super().get_renderers() if asked in (None, one.format)]


class Docs(_StrictQuery, SpectacularSwaggerSplitView):
    """Swagger UI. Its script has a separate address (`?script=`), because the page may run no inline script."""

    http_method_names = ["get", "head"]
    queries: ClassVar = {"GET": ScriptQuery}
    url_name = "api_schema"
    template_name = "rlhfhub/api/docs.html"

    def finalize_response(self, *args: Any, **kwargs: Any) -> Response:
        response: Response = super().finalize_response(*args, **kwargs)
        response["Content-Security-Policy"] = _DOCS_POLICY
        return response
