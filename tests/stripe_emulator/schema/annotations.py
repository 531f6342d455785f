"""The SDK's type annotations as JSON Schemas.

Parameters become closed objects, so that an unknown one is refused; the fields of a response that are not Optional are
required. What the SDK calls an open enum (`Union[Literal[...], str]`) is closed here: we send and answer known values.
"""

import ast
from typing import Any

from tests.stripe_emulator.schema.sources import Module, dotted, resolve

Schema = dict[str, Any]

NULL: Schema = {"type": "null"}
PLAIN: dict[str, Schema] = {
    "str": {"type": "string"},
    "int": {"type": "integer"},
    "bool": {"type": "boolean"},
    "float": {"type": "number"},
    "Decimal": {"type": "string"},
    "StripeContext": {"type": "string"},
    "StripeObject": {"type": "object"},
    "UntypedStripeObject": {"type": "object"},
    "Amount": {"type": "object"},
    "AmountParam": {"type": "object"},
}
LISTS = ("List", "Sequence", "list")
MAPPINGS = ("Dict", "dict", "UntypedStripeObject")


class Definitions:
    """The schemas of classes by name, read when they are first referred to."""

    def __init__(self, *, closed: bool) -> None:
        self.schemas: dict[str, Schema] = {}
        self._closed = closed

    def reference(self, where: Module, name: str) -> Schema:
        """Return a reference to a class's schema, which is read if it is new."""
        key = f"{where.name.removeprefix('stripe.')}.{name}"
        if key not in self.schemas:
            self.schemas[key] = {}  # a class may contain itself
            self.schemas[key] = self._class_schema(where, name)
        return {"$ref": f"#/$defs/{key}"}

    def _class_schema(self, where: Module, name: str) -> Schema:
        properties: dict[str, Schema] = {}
        required: list[str] = []
        for field, annotation, inside, scope in _fields(where, name):
            schema, optional = self.read(inside, scope, annotation)
            if schema is None:
                continue
            properties[field] = schema
            if not optional:
                required.append(field)
        result: Schema = {
            "type": "object",
            "properties": properties,
            "required": sorted(set(required)),
        }
        if self._closed:
            result["additionalProperties"] = False
        return result

    def read(self, where: Module, scope: str, annotation: ast.expr) -> tuple[Schema | None, bool]:
        """Return the schema of an annotation (None for a class variable), and if the value may be absent."""
        if isinstance(annotation, ast.Constant):
            if annotation.value is None:
                return NULL, True
            return self.read(where, scope, _parsed(annotation.value))
        if isinstance(annotation, ast.BinOp):
            return self._union(where, scope, [annotation])
        if isinstance(annotation, ast.Subscript):
            return self._subscript(where, scope, annotation)
        name = dotted(annotation)
        found = None if name in PLAIN else resolve(where, scope, name)
        return (self.reference(*found) if found else dict(PLAIN.get(name, {}))), False

    def _subscript(
        self, where: Module, scope: str, annotation: ast.Subscript
    ) -> tuple[Schema | None, bool]:
        name = dotted(annotation.value).rpartition(".")[2]
        inner = annotation.slice
        arguments = inner.elts if isinstance(inner, ast.Tuple) else [inner]
        if name == "ClassVar":
            return None, True
        if name == "Literal":
            return {"enum": [getattr(argument, "value", None) for argument in arguments]}, False
        if name in ("Optional", "Union"):
            nothing = [ast.Constant(value=None)] if name == "Optional" else []
            return self._union(where, scope, [*arguments, *nothing])
        if name == "ExpandableField":
            return {
                "type": ["string", "object"]
            }, False  # what is expanded is checked as the object that it is
        schema = self.read(where, scope, arguments[-1])[0] or {}
        if name == "NotRequired":
            return schema, True
        return _container(name, schema), False

    def _union(
        self, where: Module, scope: str, members: list[ast.expr]
    ) -> tuple[Schema | None, bool]:
        schemas: list[Schema] = []
        for member in (flat for each in members for flat in _flat(each)):
            schema = self.read(where, scope, member)[0]
            if schema is not None and schema not in schemas:
                schemas.append(schema)
        schemas = _closed_enums(schemas)
        return (schemas[0] if len(schemas) == 1 else {"anyOf": schemas}), NULL in schemas


def _fields(where: Module, name: str) -> list[tuple[str, ast.expr, Module, str]]:
    """Return the annotated fields of a class and of its bases: (name on the wire, annotation, module, scope)."""
    definition = where.classes[name]
    fields: list[tuple[str, ast.expr, Module, str]] = []
    for base in map(dotted, definition.bases):
        if base in where.dictionaries:
            dictionary = where.dictionaries[base]
            pairs = zip(dictionary.keys, dictionary.values, strict=True)
            fields += [(key.value, value, where, name) for key, value in pairs]  # type: ignore[union-attr]
        elif base == "Event" or base.endswith(("Params", "Notification")):
            found = resolve(where, name, base)
            fields += _fields(*found) if found else []
    renamed = _renamed(definition)
    for node in definition.body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            field = node.target.id
            if not field.startswith("_"):
                fields.append((renamed.get(field, field), node.annotation, where, name))
    return fields


def _renamed(definition: ast.ClassDef) -> dict[str, str]:
    """Return the fields whose name on the wire is a Python keyword: `from_` is `from`."""
    for node in definition.body:
        if isinstance(node, ast.Assign) and dotted(node.targets[0]) == "_field_remappings":
            renamed: dict[str, str] = ast.literal_eval(node.value)
            return renamed
    return {}


def _container(name: str, schema: Schema) -> Schema:
    if name in LISTS:
        return {"type": "array", "items": schema}
    if name in MAPPINGS:
        return {"type": "object", "additionalProperties": schema}
    if name in ("ListObject", "SearchResultObject"):
        data = {"type": "array", "items": schema}
        return {"type": "object", "properties": {"data": data}, "required": ["data"]}
    return {}


def _flat(member: ast.expr) -> list[ast.expr]:
    """Return the members of `A | B`, also inside a string."""
    if isinstance(member, ast.Constant) and isinstance(member.value, str):
        member = _parsed(member.value)
    if isinstance(member, ast.BinOp):
        return _flat(member.left) + _flat(member.right)
    return [member]


def _parsed(annotation: object) -> ast.expr:
    """Return the annotation that is written in a string."""
    return ast.parse(str(annotation), mode="eval").body


def _closed_enums(schemas: list[Schema]) -> list[Schema]:
    """Drop the `str` beside a Literal of words. Beside the Literal of the empty string alone it stays."""
    words = [value for schema in schemas for value in schema.get("enum", []) if value]
    if not words or {"type": "string"} not in schemas:
        return schemas
    return [schema for schema in schemas if schema != {"type": "string"}]
