"""Parameters as they come: `a[b][0]=1` in a form or a query, or JSON, typed by the operation's schema."""

from typing import Any
from urllib.parse import parse_qsl

from tests.stripe_emulator.errors import Refusal
from tests.stripe_emulator.schema.annotations import Schema
from tests.stripe_emulator.schema.oracle import Oracle


def decode(oracle: Oracle, schema: Schema, encoded: str) -> dict[str, Any]:
    """Return the parameters of a form or query string. What is not of its type stays text, and the check refuses it."""
    tree: dict[str, Any] = {}
    for name, value in parse_qsl(encoded, keep_blank_values=True):
        _insert(tree, name.replace("]", "").split("["), value)
    typed = _typed(oracle, schema, tree)
    assert isinstance(typed, dict)
    return typed


def _insert(tree: dict[str, Any], path: list[str], value: str) -> None:
    for part in path[:-1]:
        tree = tree.setdefault(part, {})
        if not isinstance(tree, dict):
            raise Refusal(f"Invalid {path[0]}: it is both a value and an object", executed=False)
    # `expand[]=a&expand[]=b` is a list without positions.
    tree[path[-1] or str(len(tree))] = value


def _typed(oracle: Oracle, schema: Schema, value: Any) -> Any:
    """Convert a value to the first alternative of its schema that it can be read as."""
    for alternative in _alternatives(oracle, schema):
        kind = alternative.get("type")
        if isinstance(value, dict):
            if kind == "array":
                return [_typed(oracle, alternative["items"], each) for each in value.values()]
            if kind == "object" or not alternative:
                return _typed_object(oracle, alternative, value)
        elif kind == "integer" and value.lstrip("-").isdigit():
            return int(value)
        elif kind == "number" and value.replace(".", "", 1).lstrip("-").isdigit():
            return float(value)
        elif (kind == "boolean" or True in alternative.get("enum", ())) and value in (
            "true",
            "false",
        ):
            return value == "true"
    return value


def _alternatives(oracle: Oracle, schema: Schema) -> list[Schema]:
    schema = oracle.followed(schema)
    if "anyOf" not in schema:
        return [schema]
    return [each for member in schema["anyOf"] for each in _alternatives(oracle, member)]


def _typed_object(oracle: Oracle, schema: Schema, value: dict[str, Any]) -> dict[str, Any]:
    fields = schema.get("properties", {})
    others = schema.get("additionalProperties") or {}
    return {name: _typed(oracle, fields.get(name, others), each) for name, each in value.items()}
