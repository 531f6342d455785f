"""JSON request bodies: one object, read strictly, of 4 MiB at most."""

from typing import Any

from django.conf import settings
from rest_framework.exceptions import APIException
from rest_framework.parsers import BaseParser

from rlhfhub.ground import strict_json
from rlhfhub.ground.refusals import Refused

# Error messages cut longer paths.
MAX_PATH = 80


class TooLarge(APIException):
    status_code = 413
    default_code = "too_large"
    default_detail = "The body is larger than 4 MiB."


def loads(body: bytes) -> dict[str, Any]:
    """Return the JSON object in `body`. Raises Refused for anything else, with the field's path if there is one."""
    try:
        value = strict_json.loads(body)
    except strict_json.JsonFault as fault:
        raise _refused(fault.path, fault.message) from fault
    if not isinstance(value, dict):
        raise _refused("", "must be a JSON object")
    return value


def _refused(path: str, message: str) -> Refused:
    field = path[:MAX_PATH] or "body"
    errors = [{"row": None, "field": field, "message": message}]
    return Refused("parse_error", f"{field}: {message}", errors=errors)


class StrictJSONParser(BaseParser):
    media_type = "application/json"

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        body = stream.read(limit + 1)
        if len(body) > limit:
            raise TooLarge
        if not body.strip():
            return {}
        return loads(body)
