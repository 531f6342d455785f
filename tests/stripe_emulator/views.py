"""How stored objects look in answers: without the emulator's own fields, expanded as asked, in pages."""

from collections.abc import Callable
from typing import Any

from tests.stripe_emulator.errors import Refusal, missing
from tests.stripe_emulator.store import FILTERS, Object

# Fields that are there only when they are expanded, and what they then are.
EXPANSIONS: dict[tuple[str, str], Callable[..., Any]] = {}
COMPARISONS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}


def public(body: Object) -> Object:
    """Return an object without the fields that are the emulator's own."""
    return {name: value for name, value in body.items() if not name.startswith("_")}


def rendered(call: Any, body: Object) -> Object:
    """Return an answer of v1: the object or list, with what `expand` names."""
    answer = public(body)
    if answer.get("object") == "list":
        answer["data"] = [public(each) for each in answer["data"]]
    for path in call.get("expand", ()):
        _expand(call, answer, path.split("."), path)
    return answer


def _expand(call: Any, within: Any, names: list[str], path: str) -> None:
    if isinstance(within, list):
        for each in within:
            _expand(call, each, names, path)
        return
    if not names or within is None:
        return
    name = names[0]
    special = EXPANSIONS.get((within.get("object", ""), name))
    if special and name not in within:
        within[name] = special(call.world, call.account, within["id"])
    if name not in within:
        raise Refusal(f"This property cannot be expanded ({path}).", param="expand")
    if isinstance(within[name], str):
        found = call.world.store.get(within[name])
        if found is None:
            raise Refusal(f"This property cannot be expanded ({path}).", param="expand")
        within[name] = public(found)
    _expand(call, within[name], names[1:], path)


def listing(data: list[Object], url: str, *, has_more: bool = False) -> Object:
    """Return a list as v1 answers it."""
    return {"object": "list", "data": data, "has_more": has_more, "url": url}


def listed(call: Any, kind: str, url: str, where: str = "", *values: Any) -> Object:
    """Return a page of an account's objects, newest first, under the filters of the request."""
    conditions, bound = ([where] if where else []), list(values)
    for name in FILTERS:
        if name in call.parameters:
            conditions.append(f"body ->> '{name}' = ?")
            bound.append(call.parameters[name])
    _created(call.get("created"), conditions, bound)
    limit = call.get("limit", 10)
    if not 1 <= limit <= 100:
        raise Refusal("Invalid integer: limit must be between 1 and 100", param="limit")
    backwards = "ending_before" in call.parameters
    for name, sign in (("starting_after", "<"), ("ending_before", ">")):
        if identifier := call.get(name):
            conditions.append(f"seq {sign} ?")
            bound.append(_position(call, kind, identifier, name))
    order = "ASC" if backwards else "DESC"
    found = call.world.store.select(
        call.account, kind, " AND ".join(conditions), *bound, order=order, limit=limit + 1
    )
    page = found[:limit]
    return listing(page[::-1] if backwards else page, url, has_more=len(found) > limit)


def _created(wanted: Any, conditions: list[str], bound: list[Any]) -> None:
    if isinstance(wanted, int):
        wanted = {"gte": wanted, "lte": wanted}
    for name, second in (wanted or {}).items():
        conditions.append(f"created {COMPARISONS[name]} ?")
        bound.append(second)


def _position(call: Any, kind: str, identifier: str, param: str) -> int:
    if call.world.store.owner(identifier) != call.account:
        raise missing(kind, identifier, param)
    return int(call.world.store.seq(identifier))


def merged_metadata(old: dict[str, str] | None, new: Any) -> dict[str, str]:
    """Return the metadata after an update: an empty value removes its key, an empty text removes all keys."""
    if new == "":
        return {}
    merged = {name: value for name, value in {**(old or {}), **(new or {})}.items() if value != ""}
    if len(merged) > 50:
        raise Refusal("Metadata can have up to 50 keys", param="metadata")
    for name, value in merged.items():
        if len(name) > 40 or len(value) > 500:
            raise Refusal(
                "Metadata keys can have up to 40 characters, and values up to 500",
                param=f"metadata[{name}]",
            )
    return merged
