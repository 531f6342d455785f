"""The SDK's operations, objects and events as one document of schemas, derived once for each version of the SDK."""

import ast
import hashlib
import os
from pathlib import Path
from typing import Any, TypeGuard

import orjson

from tests.stripe_emulator.schema.annotations import Definitions, Schema
from tests.stripe_emulator.schema.sources import PACKAGE, Module, dotted, modules

CACHE = Path(__file__).resolve().parents[3] / "var" / "stripe_schema"


def load() -> dict[str, Any]:
    """Return the document of the installed SDK, from the cache if it was derived before (that takes seconds)."""
    own = b"".join(path.read_bytes() for path in sorted(Path(__file__).parent.glob("*.py")))
    sdk = (PACKAGE / "_version.py").read_bytes() + (PACKAGE / "_api_version.py").read_bytes()
    path = CACHE / f"{hashlib.sha256(own + sdk).hexdigest()[:16]}.json"
    if not path.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(f".{os.getpid()}")
        unfinished.write_bytes(orjson.dumps(derive()))
        unfinished.replace(path)
    document: dict[str, Any] = orjson.loads(path.read_bytes())
    return document


#: Stripe's documentation names a kind of bank transfer for each currency; the SDK names two of them in this answer.
TRANSFERS = [f"{place}_bank_transfer" for place in ("eu", "gb", "jp", "mx", "us")]
INSTRUCTIONS = "_funding_instructions.FundingInstructions.BankTransfer"


def derive() -> dict[str, Any]:
    """Read the SDK's sources. Returns the version, operations by "METHOD path", objects, events and definitions."""
    requests, responses = Definitions(closed=True), Definitions(closed=False)
    operations: dict[str, Any] = {}
    for services in modules("*_service.py"):
        for scope, definition in services.classes.items():
            for function in definition.body:
                if isinstance(function, ast.FunctionDef):
                    operations |= _operation(services, scope, function, requests, responses)
    objects = _objects(responses)
    events = {
        kind: _events(responses, ending)
        for kind, ending in {"event": "Event", "thin": "Notification"}.items()
    }
    responses.schemas[INSTRUCTIONS]["properties"]["type"] = {"enum": TRANSFERS}
    return {
        "version": _version(),
        "operations": operations,
        "objects": objects,
        "events": events,
        # As text: all 8,000 of them as objects would take 200 MB, and a validator needs a few.
        "definitions": {
            name: orjson.dumps(schema).decode()
            for name, schema in (requests.schemas | responses.schemas).items()
        },
    }


def _version() -> str:
    """Return the version of the API that the SDK speaks, which each of its requests names."""
    for node in ast.walk(ast.parse((PACKAGE / "_api_version.py").read_text())):
        if isinstance(node, ast.Assign) and dotted(node.targets[0]) == "CURRENT":
            return str(ast.literal_eval(node.value))
    raise LookupError("the SDK does not name its API version")


def _operation(
    where: Module,
    scope: str,
    function: ast.FunctionDef,
    requests: Definitions,
    responses: Definitions,
) -> dict[str, Any]:
    """Return the operation that a method of a service calls, by "METHOD path"; empty if it calls none."""
    call = next((node.args for node in ast.walk(function) if _is_request(node)), None)
    if call is None or function.returns is None:
        return {}
    method, path = _path(call[0]), _path(call[1])
    parameters = next((a.annotation for a in function.args.args if a.arg == "params"), None)
    query = requests.read(where, scope, parameters)[0] if parameters is not None else None
    return {
        f"{method.upper()} {path}": {
            "name": f"{scope}.{function.name}",
            "parameters": _without_null(query) if query else {"additionalProperties": False},
            "response": responses.read(where, scope, function.returns)[0],
        }
    }


def _is_request(node: ast.AST) -> TypeGuard[ast.Call]:
    return (
        isinstance(node, ast.Call)
        and getattr(node.func, "attr", "") == "_request"
        and len(node.args) > 1
    )


def _path(expression: ast.expr) -> str:
    """Return a word, or a path with its placeholders: `"/v1/charges/{charge}".format(...)`."""
    if isinstance(expression, ast.Call):
        expression = expression.func.value  # type: ignore[attr-defined]
    return str(expression.value)  # type: ignore[attr-defined]


def _without_null(schema: Schema) -> Schema:
    """Parameters are `Optional[Params]` where all of them may be left out."""
    members = [member for member in schema.get("anyOf", [schema]) if member != {"type": "null"}]
    return members[0] if len(members) == 1 else {"anyOf": members}


def _objects(responses: Definitions) -> dict[str, str]:
    """Return the definitions of Stripe's objects by the value of their field `object`."""
    objects = {}
    for where in modules("_*.py"):
        for name, definition in where.classes.items():
            if "." in name or ".params." in where.name or ".events." in where.name:
                continue
            if title := _constant(definition, "OBJECT_NAME"):
                objects[title] = responses.reference(where, name)["$ref"].removeprefix("#/$defs/")
    return objects


def _events(responses: Definitions, ending: str) -> dict[str, str]:
    """Return the definitions of v2 events (or of their notifications) by type."""
    events = {}
    for where in modules("events/_*_event.py"):
        for name, definition in where.classes.items():
            if name.endswith(ending) and (title := _constant(definition, "LOOKUP_TYPE")):
                events[title] = responses.reference(where, name)["$ref"].removeprefix("#/$defs/")
    return events


def _constant(definition: ast.ClassDef, name: str) -> str:
    """Return the value of a class's constant, or an empty string."""
    for node in definition.body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        value = getattr(node, "value", None)
        if value and name in (getattr(target, "id", "") for target in targets):
            return str(ast.literal_eval(value))
    return ""
