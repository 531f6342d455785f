"""The types of a dataset's columns, and their form in manifests, in cards and in Arrow."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

Type = str | list["Type"] | dict[str, "Type"]
"""A primitive by Arrow's name ("string", "int64", "float64", "bool"), a list of one type, or a struct."""

MESSAGES: Type = [{"role": "string", "content": "string"}]


def words(kind: Type) -> str:
    """The type as people read it, such as ``list<{role, content}>``."""
    if isinstance(kind, list):
        return f"list<{words(kind[0])}>"
    return "{" + ", ".join(kind) + "}" if isinstance(kind, dict) else kind


def arrow(kind: Type) -> pa.DataType:
    """The Arrow type."""
    # Imported late so that web processes, which list the datasets, need not load pyarrow.
    import pyarrow as pa

    if isinstance(kind, list):
        return pa.list_(arrow(kind[0]))
    if isinstance(kind, dict):
        return pa.struct([(name, arrow(inner)) for name, inner in kind.items()])
    return pa.type_for_alias(kind)


def features(name: str, kind: Type, indent: str = "") -> list[str]:
    """A column's lines of YAML for `dataset_info.features` in a card's front matter."""
    head = f"{indent}- name: {name}"
    if isinstance(kind, str):
        return [head, f"{indent}  dtype: {kind}"]
    if isinstance(kind, list):
        inner = kind[0]
        if isinstance(inner, str):
            return [head, f"{indent}  list: {inner}"]
        return [head, f"{indent}  list:", *_fields(inner, f"{indent}  ")]
    return [head, f"{indent}  struct:", *_fields(kind, f"{indent}  ")]


def _fields(kind: Type, indent: str) -> list[str]:
    if not isinstance(kind, dict):
        raise TypeError("the elements of a list must be primitives or structs")
    return [line for name, inner in kind.items() for line in features(name, inner, indent)]
