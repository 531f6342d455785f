"""The schema of REST and the page that shows it. Neither needs a key, a session or the database."""

from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.response import Response

from rlhfhub.api import errors

# Swagger UI's scripts and styles are files of our own; its icons are data: addresses in its style sheet.
_DOCS_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


class _KnownParameters:
    """Refuses query parameters that the view does not name: of some, the library makes headers."""

    known: ClassVar[tuple[str, ...]] = ()

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        # In JSON, as all errors of REST: these views have renderers of their own.
        for name in request.GET:
            if name not in self.known:
                return errors.response(400, "invalid", f"{name[:60]}: unknown parameter")
        answer: HttpResponse = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        return answer


class SchemaFile(_KnownParameters, SpectacularAPIView):
    """The OpenAPI document, as YAML or JSON by the Accept header or `?format=json`."""

    http_method_names = ["get", "head"]
    known = ("format",)


class Docs(_KnownParameters, SpectacularSwaggerSplitView):
    """Swagger UI, its script at an address of its own (`?script=`): the page runs nothing inline."""

    http_method_names = ["get", "head"]
    known = ("script",)
    url_name = "api_schema"
    template_name = "rlhfhub/api/docs.html"

    def finalize_response(self, *args: Any, **kwargs: Any) -> Response:
        response: Response = super().finalize_response(*args, **kwargs)
        response["Content-Security-Policy"] = _DOCS_POLICY
        return response
