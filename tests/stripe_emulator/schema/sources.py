"""The SDK's modules as syntax trees: their classes, and where a name in an annotation comes from."""

import ast
import importlib.util
from collections.abc import Iterator
from functools import cache
from pathlib import Path

PACKAGE = Path(importlib.util.find_spec("stripe").submodule_search_locations[0])  # type: ignore[union-attr,index]


class Module:
    """One file of the SDK.

    `classes` maps dotted names ("Charge.Outcome") to their definitions, `dictionaries` the names of functional
    TypedDicts to their fields, and `imports` a local name to the module and name it was imported from.
    """

    def __init__(self, name: str, path: Path) -> None:
        self.name = name
        self.classes: dict[str, ast.ClassDef] = {}
        self.dictionaries: dict[str, ast.Dict] = {}
        self.imports: dict[str, tuple[str, str]] = {}
        tree = ast.parse(path.read_text())
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("stripe"):
                for alias in node.names:
                    self.imports[alias.asname or alias.name] = (node.module or "", alias.name)
        self._read(tree.body, "")

    def _read(self, body: list[ast.stmt], prefix: str) -> None:
        for node in body:
            if isinstance(node, ast.ClassDef):
                self.classes[prefix + node.name] = node
                self._read(node.body, f"{prefix}{node.name}.")
            elif isinstance(node, ast.Assign) and _is_typed_dict(node.value):
                self.dictionaries[node.targets[0].id] = node.value.args[1]  # type: ignore[attr-defined]


def _is_typed_dict(value: ast.expr) -> bool:
    """If a value is `TypedDict("Name", {...})`, the form for keys that are Python keywords."""
    return isinstance(value, ast.Call) and getattr(value.func, "id", "") == "TypedDict"


def _path(name: str) -> Path:
    file = PACKAGE.joinpath(*name.split(".")[1:])
    return file.with_suffix(".py") if file.with_suffix(".py").exists() else file / "__init__.py"


@cache
def module(name: str) -> Module:
    """Return the module with a dotted name, as "stripe._charge"."""
    return Module(name, _path(name))


def modules(pattern: str) -> Iterator[Module]:
    """The modules whose file matches a pattern, in order of their name."""
    for path in sorted(PACKAGE.rglob(pattern)):
        yield module(".".join(("stripe", *path.relative_to(PACKAGE).with_suffix("").parts)))


def dotted(expression: ast.expr) -> str:
    """Return the dotted name of a name or attribute; empty for anything else."""
    if isinstance(expression, ast.Attribute):
        return f"{dotted(expression.value)}.{expression.attr}"
    return getattr(expression, "id", "")


def resolve(inside: Module, scope: str, name: str) -> tuple[Module, str] | None:
    """Find the class that a name means inside a class, or None if it is none of the SDK's."""
    parts = scope.split(".") if scope else []
    for depth in range(len(parts), -1, -1):
        local = ".".join([*parts[:depth], name])
        if local in inside.classes:
            return inside, local
    head, _, rest = name.partition(".")
    if head not in inside.imports:
        return None
    origin, imported = inside.imports[head]
    if _path(f"{origin}.{imported}").exists():
        return resolve(module(f"{origin}.{imported}"), "", rest) if rest else None
    return resolve(module(origin), "", f"{imported}.{rest}" if rest else imported)
