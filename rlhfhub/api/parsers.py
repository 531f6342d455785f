"""JSON in, strictly: no duplicate keys, NaN, surrogates, NUL, huge numbers or deep nesting; 4 MiB at most."""

import json
from typing import Any

from django.conf import settings
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import BaseParser

MAX_DEPTH = 32
MAX_DIGITS = 18


class TooLarge(APIException):
    status_code = 413
    default_code = "too_large"
    default_detail = "The body is larger than 4 MiB."


class _Bad(ValueError):
    """What is wrong, in words for the sender."""


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    out = dict(pairs)
    if len(out) != len(pairs):
        seen: set[str] = set()
        name = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise _Bad(f"{name[:60]}: this key stands twice in one object")
    return out


def _integer(text: str) -> int:
    if len(text) > MAX_DIGITS:
        raise _Bad(f"a number of {len(text)} digits")
    return int(text)


def _decimal(text: str) -> float:
    value = float(text)
    if value in (float("inf"), float("-inf")) or len(text) > 400:
        raise _Bad("a number beyond a double")
    return value


def _constant(text: str) -> Any:
    raise _Bad(f"{text} is not JSON")


def _check_text(text: str) -> None:
    if "\x00" in text:
        raise _Bad("a NUL character")
    if any("\ud800" <= c <= "\udfff" for c in text):
        raise _Bad("a lone surrogate")


def _walk(value: Any, depth: int = 0) -> None:
    if depth > MAX_DEPTH:
        raise _Bad(f"nested deeper than {MAX_DEPTH}")
    if isinstance(value, str):
        _check_text(value)
    elif isinstance(value, dict):
        for key, inner in value.items():
            _check_text(key)
            _walk(inner, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            _walk(inner, depth + 1)


def loads(body: bytes) -> Any:
    """The JSON value in `body`. Raises ParseError with words for the sender."""
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
        raise ParseError("The body is not UTF-8.") from error
    except _Bad as error:
        raise ParseError(f"Bad JSON: {error}.") from error
    except RecursionError as error:
        raise ParseError(f"Bad JSON: nested deeper than {MAX_DEPTH}.") from error
    except ValueError as error:
        raise ParseError(f"Bad JSON: {error}") from error
    return value


class StrictJSONParser(BaseParser):
    media_type = "application/json"

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        body = stream.read(limit + 1)
        if len(body) > limit:
            raise TooLarge
        if not body.strip():
            return {}
        value = loads(body)
        if not isinstance(value, dict):
            raise ParseError("The body must be a JSON object.")
        return value
