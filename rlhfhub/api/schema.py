"""The OpenAPI document: what operations have in common is described here once."""

import re
from typing import Any

from django.conf import settings
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, inline_serializer
from rest_framework import serializers
from rest_framework.permissions import SAFE_METHODS

from rlhfhub.api.idempotency import HEADER

KEY = OpenApiParameter(
    HEADER,
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="Repeat a request with the same key and body, and you get the first answer again.",
)


def paged(row: type[serializers.Serializer[Any]]) -> serializers.Serializer[Any]:
    """Return the serializer of one page of `row`, as `rlhfhub.api.pagination.page` responds."""
    return inline_serializer(
        f"{row.__name__}Page",
        {
            "next": serializers.URLField(allow_null=True),
            "previous": serializers.URLField(allow_null=True),
            "results": row(many=True),
        },
    )


_RETRY_AFTER = {"schema": {"type": "integer"}, "description": "Seconds until it may be sent again."}


class Schema(AutoSchema):
    """Documents the query parameters and idempotency key of each operation, and names operations after their views."""

    def get_override_parameters(self) -> list[Any]:
        view: Any = self.view
        query = view.query_of(self.method)
        given = [*super().get_override_parameters(), *([query] if query().fields else [])]
        handler = getattr(self.view, self.method.lower(), None)
        return [*given, KEY] if getattr(handler, "is_idempotent", False) else given

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        """Add the 429 response, with its limit, to operations that are throttled."""
        operation: dict[str, Any] | None = super().get_operation(*args, **kwargs)
        scope = getattr(self.view, "throttle_scope", None)
        if operation and scope and self.method not in SAFE_METHODS:
            operation["responses"]["429"] = {
                "description": f"Too many requests of this workspace (`throttled`): {settings.THROTTLES[scope]}.",
                "headers": {"Retry-After": _RETRY_AFTER},
            }
        return operation

    def get_operation_id(self) -> str:
        words = re.sub("(?<=[a-z])(?=[A-Z])", "_", self.view.__class__.__name__)
        return f"{self.method}_{words}".lower()

    def get_tags(self) -> list[str]:
        return [self.view.__class__.__module__.split(".")[1]]


_ENTRY = {
    "type": "object",
    "required": ["row", "field", "message"],
    "properties": {
        "row": {
            "type": "integer",
            "nullable": True,
            "description": "The row of an upload, counted from 1.",
        },
        "field": {"type": "string", "description": "Where: `responses[1].text`."},
        "message": {"type": "string"},
    },
}
_ERROR = {
    "type": "object",
    "required": ["code", "detail", "errors"],
    "properties": {
        "code": {"type": "string", "description": "For programs."},
        "detail": {"type": "string", "description": "For people."},
        "errors": {"type": "array", "items": _ENTRY},
    },
}


def with_errors(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Add the one error response to every operation. drf-spectacular calls this postprocessing hook."""
    result["components"]["schemas"]["Error"] = _ERROR
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    for path in result["paths"].values():
        for operation in path.values():
            operation["responses"]["default"] = {
                "description": "What was wrong.",
                "content": content,
            }
            for response in operation["responses"].values():
                if (
                    response.get("description")
                    and "content" not in response
                    and _is_error(operation, response)
                ):
                    response["content"] = content
    return result


def _is_error(operation: dict[str, Any], response: dict[str, Any]) -> bool:
    return any(
        answer is response and status.startswith("4")
        for status, answer in operation["responses"].items()
    )
