"""Check requests, responses and events against the SDK's schemas."""

import re
from collections import defaultdict
from functools import cache, cached_property
from typing import Any

import orjson
from jsonschema_rs import Draft202012Validator, ValidationError

from tests.stripe_emulator.errors import Fault, Refusal, parameter_missing, unknown_parameter
from tests.stripe_emulator.schema.annotations import Schema
from tests.stripe_emulator.schema.document import load

METHODS_OF_PAYMENT = "payment_method_types"


class Operation:
    """One method of one path: "POST /v1/transfers". Its validators are compiled when they are first used."""

    def __init__(self, oracle: "Oracle", name: str, described: dict[str, Any]) -> None:
        self.name, self.method_of_sdk = name, described["name"]
        self.method, self.path = name.split(" ")
        self.v2 = self.path.startswith("/v2/")
        self.parameters: Schema = described["parameters"]
        self._response: Schema = described["response"]
        self._oracle = oracle
        fields = re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", self.path)
        self.pattern = re.compile(f"{fields}$")

    @cached_property
    def _parameters_validator(self) -> Draft202012Validator:
        return self._oracle.validator(self.parameters)

    @cached_property
    def _response_validator(self) -> Draft202012Validator:
        return self._oracle.validator(self._response)

    def check_parameters(self, parameters: dict[str, Any]) -> None:
        """Raise Refusal for the first parameter that is unknown, missing or of a wrong type or value."""
        if METHODS_OF_PAYMENT in parameters and METHODS_OF_PAYMENT not in self._oracle.fields(
            self.parameters
        ):
            raise Refusal(
                f"`{METHODS_OF_PAYMENT}` is no longer supported. Use dynamic payment methods.",
                code="payment_method_types_no_longer_supported",
                param=METHODS_OF_PAYMENT,
                executed=False,
            )
        for error in self._parameters_validator.iter_errors(parameters):
            raise refusal_of(error)

    def check_response(self, body: Any) -> None:
        """Raise Fault if the SDK could not read this response as its types say. A deleted object is only named."""
        if body.get("deleted"):
            return
        _check(self._response_validator, body, self.name)
        self._oracle.check_inner(body)


class Oracle:
    """What the installed SDK sends and reads."""

    def __init__(self) -> None:
        document = load()
        self.version: str = document["version"]
        self._definitions: dict[str, str] = document["definitions"]
        self._definition = cache(lambda name: orjson.loads(self._definitions[name]))
        self._objects: dict[str, str] = document["objects"]
        self._events: dict[str, dict[str, str]] = document["events"]
        self._of_object = cache(self._object_validator)
        self._of_event = cache(self._event_validator)
        self.blank = cache(self._blank)
        operations = [Operation(self, *each) for each in document["operations"].items()]
        self.operations = {operation.name: operation for operation in operations}
        self._shaped: dict[tuple[str, int, str], list[Operation]] = defaultdict(list)
        # An address without a placeholder goes before one with: /v1/invoices/search is no invoice.
        for operation in sorted(operations, key=lambda each: each.path.count("{")):
            self._shaped[_shape(operation.method, operation.path)].append(operation)

    def operation(self, method: str, path: str) -> tuple[Operation, dict[str, str]] | None:
        """Return the operation of a request, with the values of its placeholders; None for an unknown address."""
        if exact := self.operations.get(f"{method} {path}"):
            return exact, {}
        for operation in self._shaped[_shape(method, path)]:
            if match := operation.pattern.match(path):
                return operation, match.groupdict()
        return None

    def check_object(self, body: dict[str, Any]) -> None:
        """Raise Fault if an object does not fit the schema of its kind."""
        _check(self._of_object(body["object"]), body, f"an object {body['object']}")

    def check_inner(self, part: Any, *, outer: bool = True) -> None:
        """Raise Fault if an object inside an answer does not fit the schema of its own kind."""
        if isinstance(part, list):
            for each in part:
                self.check_inner(each, outer=outer)
        elif isinstance(part, dict):
            kind = part.get("object")
            if not outer and isinstance(kind, str) and kind in self._objects:
                self.check_object(part)
            for each in part.values():
                if isinstance(each, dict | list):
                    self.check_inner(each, outer=False)

    def check_v2_event(self, body: dict[str, Any], *, thin: bool = False) -> None:
        """Raise Fault if a v2 event (or the notification of it) does not fit the schema of its type."""
        _check(
            self._of_event("thin" if thin else "event", body["type"]),
            body,
            f"an event {body['type']}",
        )

    def v2_core_events(self) -> list[str]:
        """Return the types of events about accounts and other things of v2's core."""
        return [kind for kind in self._events["event"] if kind.startswith("v2.core.")]

    def is_v2_event(self, kind: str) -> bool:
        """If the SDK knows a v2 event of this type."""
        return kind in self._events["event"]

    def _object_validator(self, kind: str) -> Draft202012Validator:
        return self.validator({"$ref": f"#/$defs/{self._objects[kind]}"})

    def _event_validator(self, form: str, kind: str) -> Draft202012Validator:
        return self.validator({"$ref": f"#/$defs/{self._events[form][kind]}"})

    def _blank(self, kind: str) -> dict[str, None]:
        """Return the optional fields of an object, each null as Stripe sends it. The answer is shared: fill a copy.

        Lists and `deleted` are left out: Stripe sends them on request, or in other circumstances.
        """
        schema = self._definition(self._objects[kind])
        return {
            field: None
            for field, described in schema["properties"].items()
            if field not in schema["required"] and field != "deleted" and not _is_list(described)
        }

    def fields(self, schema: Schema) -> dict[str, Schema]:
        """Return the fields of an object's schema; empty if it is none."""
        properties: dict[str, Schema] = self.followed(schema).get("properties", {})
        return properties

    def followed(self, schema: Schema) -> Schema:
        """Return the schema that a reference means."""
        while "$ref" in schema:
            schema = self._definition(schema["$ref"].removeprefix("#/$defs/"))
        return schema

    def validator(self, schema: Schema) -> Draft202012Validator:
        """Compile a schema together with the definitions that it needs, directly or not."""
        needed: dict[str, Schema] = {}
        waiting: list[Any] = [schema]
        while waiting:
            part = waiting.pop()
            if isinstance(part, list):
                waiting += part
            elif isinstance(part, dict):
                name = part.get("$ref", "")
                name = name.removeprefix("#/$defs/") if isinstance(name, str) else ""
                if name and name not in needed:
                    needed[name] = orjson.loads(self._definitions[name])
                    waiting.append(needed[name])
                waiting += part.values()
        return Draft202012Validator({**schema, "$defs": needed})


def _shape(method: str, path: str) -> tuple[str, int, str]:
    """Return what a request and its operation surely share: method, depth, and the family of resources."""
    parts = path.split("/")
    return method, len(parts), parts[2] if len(parts) > 2 else ""


def _is_list(schema: Schema) -> bool:
    return any(part.get("required") == ["data"] for part in (schema, *schema.get("anyOf", [])))


def _check(validator: Draft202012Validator, body: Any, what: str) -> None:
    for error in validator.iter_errors(body):
        where = ".".join(map(str, error.instance_path)) or "(the whole)"
        raise Fault(f"{what} does not fit the SDK's schema at {where}: {error.message[:600]}")


def refusal_of(error: ValidationError) -> Refusal:
    """Return the refusal that Stripe answers a bad parameter with."""
    path = [str(part) for part in error.instance_path]
    kind = error.kind
    if nested := getattr(kind, "context", None):
        deepest = max(
            (e for branch in nested for e in branch),
            key=lambda e: (len(e.instance_path), _weight(e)),
        )
        return refusal_of(deepest)
    if unexpected := getattr(kind, "unexpected", None):
        return unknown_parameter(_bracketed([*path, unexpected[0]]))
    if required := getattr(kind, "property", None):
        return parameter_missing(_bracketed([*path, required]))
    param = _bracketed(path)
    if (types := getattr(kind, "types", None)) and "integer" in types:
        return _bad("parameter_invalid_integer", f"Invalid integer: {error.instance}", param)
    if options := getattr(kind, "options", None):
        return _bad(
            None, f"Invalid {param}: must be one of {', '.join(map(str, options[:20]))}", param
        )
    return _bad("parameter_invalid", f"Invalid {param}: {error.message[:200]}", param)


def _weight(error: ValidationError) -> int:
    """Return which of several alternatives tells most: an unknown or missing parameter, before a wrong type."""
    return 1 if type(error.kind).__name__.endswith(("AdditionalProperties", "Required")) else 0


def _bad(code: str | None, message: str, param: str) -> Refusal:
    return Refusal(message, code=code, param=param, executed=False)


def _bracketed(path: list[str]) -> str:
    """Return a path as Stripe writes it: `line_items[0][price_data]`."""
    return path[0] + "".join(f"[{part}]" for part in path[1:]) if path else ""
