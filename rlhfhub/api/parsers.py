"""JSON in, strictly: no duplicate keys, NaN, surrogates, NUL, huge numbers or deep nesting; 4 MiB at most."""

import json
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from rest_framework.exceptions import APIException
from rest_framework.parsers import BaseParser

from rlhfhub.ground.refusals import Refused

MAX_DEPTH = 32
MAX_DIGITS = 18
# Of a field's name no more is said.
MAX_PATH = 80


class TooLarge(APIException):
    status_code = 413
    default_code = "too_large"
    default_detail = "The body is larger than 4 MiB."


@dataclass(frozen=True, slots=True)
class _Wrong:
    """Stands in the place of a value that cannot be taken, until its place is known."""

    message: str


class _Bad(ValueError):
    """Where in the body what is wrong, in words for the sender."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    out = dict(pairs)
    if len(out) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                out[key] = _Wrong("stands twice in one object")
            seen.add(key)
    return out


def _integer(text: str) -> int | _Wrong:
    return int(text) if len(text) <= MAX_DIGITS else _Wrong(f"a number of {len(text)} digits")


def _decimal(text: str) -> float | _Wrong:
    value = float(text)
    if value in (float("inf"), float("-inf")) or len(text) > 400:
        return _Wrong("a number beyond a double")
    return value


def _constant(text: str) -> _Wrong:
    return _Wrong(f"{text} is not JSON")


def _check_text(text: str, path: str) -> None:
    if "\x00" in text:
        raise _Bad(path, "a NUL character")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise _Bad(path, "a lone surrogate") from error


def _walk(value: Any, path: str = "", depth: int = 0) -> None:
    if depth > MAX_DEPTH:
        raise _Bad(path, f"nested deeper than {MAX_DEPTH}")
    if isinstance(value, str):
        _check_text(value, path)
    elif isinstance(value, _Wrong):
        raise _Bad(path, value.message)
    elif isinstance(value, dict):
        for key, inner in value.items():
            _check_text(key, path)
            _walk(inner, f"{path}.{key}" if path else key, depth + 1)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            _walk(inner, f"{path}[{number}]", depth + 1)


def loads(body: bytes) -> dict[str, Any]:
    """The JSON object in `body`. Raises Refused, naming the field where there is one to name."""
    try:
        value = json.loads(
            body.decode(),
            object_pairs_hook=_pairs,
            parse_int=_integer,
            parse_float=_decimal,
            parse_constant=_constant,
        )
        _walk(value)
    except UnicodeDecodeError as error:
        raise _refused("", "not UTF-8") from error
    except _Bad as error:
        raise _refused(error.field, str(error)) from error
    except RecursionError as error:
        raise _refused("", f"nested deeper than {MAX_DEPTH}") from error
    except ValueError as error:
        raise _refused("", f"not JSON: {error}") from error
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
