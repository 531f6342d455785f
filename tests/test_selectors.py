"""What selectors and panels hand to pages has names and types: dataclasses and models, no dictionaries of anything."""

import inspect
import pkgutil
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from importlib import import_module
from types import ModuleType
from typing import Any, get_args, get_origin, get_type_hints

import pytest

DOMAINS = ("annotators", "billing", "projects", "rlhfhub")
ENDINGS = ("selectors", "panels", "home", "boards")


def modules() -> list[str]:
    """The modules that read for pages: those so named, and those of `projects.overview`."""
    every = [
        found.name
        for domain in DOMAINS
        for found in pkgutil.walk_packages(import_module(domain).__path__, f"{domain}.")
    ]
    return [
        name
        for name in every
        if name.endswith(ENDINGS) or (name.startswith("projects.overview.") and _reads(name))
    ]


def _reads(name: str) -> bool:
    return not any(part in ("api", "apps", "urls", "views") for part in name.split("."))


def untyped(module: ModuleType) -> Iterator[str]:
    """The public functions, and fields and properties of dataclasses, that hand out a dictionary of anything."""
    for name, found in vars(module).items():
        if getattr(found, "__module__", None) != module.__name__ or name.startswith("_"):
            continue
        if inspect.isfunction(found) and _is_untyped(get_type_hints(found).get("return")):
            yield name
        elif is_dataclass(found) and isinstance(found, type):
            yield from (f"{name}.{member}" for member in _untyped_members(found))


def _untyped_members(found: type) -> Iterator[str]:
    hints = get_type_hints(found)
    for field in fields(found):
        if _is_untyped(hints[field.name]):
            yield field.name
    for name, member in vars(found).items():
        if isinstance(member, property) and _is_untyped(get_type_hints(member.fget)["return"]):
            yield name


def _is_untyped(hint: Any) -> bool:
    """Whether it is, or holds, a dictionary whose values are anything."""
    if hint is dict or (get_origin(hint) is dict and get_args(hint)[1] in (Any, object)):
        return True
    return any(_is_untyped(each) for each in get_args(hint))


@pytest.mark.parametrize("name", modules())
def test_selectors_hand_out_no_dictionaries_of_anything(name: str) -> None:
    assert list(untyped(import_module(name))) == []


def test_the_check_sees_them() -> None:
    """Wherever it hides: alone, in a list, as an alternative."""
    assert {"projects.review.selectors", "billing.funding.panels", "projects.work.home"} <= {
        *modules()
    }
    for hint in (dict, dict[str, Any], list[dict[str, object]], tuple[int, dict[str, Any] | None]):
        assert _is_untyped(hint)
    for hint in (dict[str, int], list[str], int | None, dict[str, list[str]]):
        assert not _is_untyped(hint)
