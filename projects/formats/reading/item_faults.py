"""Read an item strictly and name the first thing wrong with it: slow, and used only where the fast reader gave up."""

from __future__ import annotations

from typing import Any

import msgspec

from rlhfhub.ground.canonical import canonical, is_blank
from rlhfhub.ground.strict_json import JsonFault, child, loads

from ..errors import ROW, RowFault
from ..limits import ItemLimits
from .item_rules import ItemRules
from .item_shape import SentItem, stored_json

ROLES = frozenset({"system", "user", "assistant", "tool"})
SPEAKING = frozenset({"user", "assistant"})
"""Roles whose messages must not be blank."""
_FIELDS = ("external_id", "prompt", "responses", "context", "metadata")
_RESPONSE_FIELDS = ("text", "messages", "model")
_MESSAGE_FIELDS = ("role", "content")


def read_strictly(raw: bytes, limits: ItemLimits, rules: ItemRules) -> tuple[SentItem, Any]:
    """The item in `raw`, and its key, which is None unless the rules ask for one.

    Raises:
        RowFault: for the first thing wrong with it, with the field it is in.
    """
    value = _object(_loaded(raw, limits), ROW)
    key = _key(value, rules)
    _check_fields(value, "", _FIELDS, ("prompt", "responses") if rules.least else ("prompt",))
    _check_external_id(value.get("external_id"), limits)
    _check_prompt(value["prompt"], limits)
    _check_responses(value.setdefault("responses", []), limits, rules)
    for name in ("context", "metadata"):
        _check_extra(value.get(name), name, limits)
    sent = msgspec.convert(value, SentItem)
    for field, message in rules.faults(sent):
        raise RowFault(field or ROW, message)
    if rules.check_key:
        for field, message in rules.check_key(key, len(value["responses"])):
            raise RowFault(f"key.{field}".rstrip(".").replace(".[", "["), message)
    return sent, key


def _key(value: dict[str, Any], rules: ItemRules) -> Any:
    """Take the right answer out of a row. A row of a batch must have none."""
    key = value.pop("key", None)
    if rules.check_key and key is None:
        raise RowFault("key", "is missing")
    if key is not None and not rules.check_key:
        raise RowFault(
            "key", "is the right answer of a keyed item: import this row as one, not into a batch"
        )
    return key


def _loaded(raw: bytes, limits: ItemLimits) -> Any:
    try:
        return loads(raw, depth=limits.depth)
    except JsonFault as fault:
        raise RowFault(fault.path or ROW, fault.message, syntax=fault.syntax) from fault


def _object(value: Any, path: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise RowFault(path, f"must be an object, not {_kind(value)}")
    return value


def _kind(value: Any) -> str:
    names = {dict: "an object", list: "an array", str: "text", bool: "true or false"}
    if value is None:
        return "null"
    return next((name for kind, name in names.items() if isinstance(value, kind)), "a number")


def _check_fields(
    value: dict[str, Any], path: str, known: tuple[str, ...], required: tuple[str, ...]
) -> None:
    """Refuse unknown fields and missing ones.

    An unknown field whose value is null is treated as absent, and removed: programs that export tables often give
    every object the fields of all others.
    """
    for key in [key for key in value if key not in known]:
        if value.pop(key) is not None:
            raise RowFault(
                child(path, key), f"is not a field here; the fields are {', '.join(known)}"
            )
    for key in required:
        if key not in value:
            raise RowFault(child(path, key), "is missing")


def _text(value: Any, path: str) -> str:
    if not isinstance(value, str):
        raise RowFault(path, f"must be text, not {_kind(value)}")
    return value


def _visible(value: Any, path: str) -> str:
    text = _text(value, path)
    if is_blank(text):
        raise RowFault(path, "is blank")
    return text


def _check_external_id(value: Any, limits: ItemLimits) -> None:
    if value is None:
        return
    text = _visible(value, "external_id")
    if len(text) > limits.external_id_characters:
        raise RowFault("external_id", f"is longer than {limits.external_id_characters} characters")


def _check_prompt(value: Any, limits: ItemLimits) -> None:
    if isinstance(value, str):
        _visible(value, "prompt")
        return
    if not isinstance(value, list):
        raise RowFault("prompt", f"must be text or a list of messages, not {_kind(value)}")
    roles = _checked_roles(value, "prompt", limits)
    if roles[-1] not in ("user", "tool"):
        raise RowFault(f"prompt[{len(roles) - 1}].role", "the last message must be the user's")


def _checked_roles(messages: Any, path: str, limits: ItemLimits) -> list[str]:
    if not isinstance(messages, list):
        raise RowFault(path, f"must be a list of messages, not {_kind(messages)}")
    if not messages:
        raise RowFault(path, "holds no message; it needs at least one")
    if len(messages) > limits.messages:
        raise RowFault(path, f"holds more than {limits.messages} messages")
    return [_checked_role(each, f"{path}[{index}]") for index, each in enumerate(messages)]


def _checked_role(value: Any, path: str) -> str:
    message = _object(value, path)
    _check_fields(message, path, _MESSAGE_FIELDS, _MESSAGE_FIELDS)
    role = _text(message["role"], f"{path}.role")
    if role not in ROLES:
        raise RowFault(f"{path}.role", "must be system, user, assistant or tool")
    content = _text(message["content"], f"{path}.content")
    if role in SPEAKING:
        _visible(content, f"{path}.content")
    return role


def _check_responses(value: Any, limits: ItemLimits, rules: ItemRules) -> None:
    if not isinstance(value, list):
        raise RowFault("responses", f"must be a list, not {_kind(value)}")
    if wrong := rules.count_fault(len(value)):
        raise RowFault("responses", wrong)
    seen: dict[bytes, tuple[int, bytes]] = {}
    for index, each in enumerate(value):
        path = f"responses[{index}]"
        content = _response_content(each, path, limits)
        exact = stored_json(content)
        first, as_sent = seen.setdefault(stored_json(_canonical(content)), (index, exact))
        if first != index:
            raise RowFault(path, _ALIKE[as_sent == exact].format(first))


_ALIKE = {
    True: "is the same as responses[{}]",
    False: "looks the same as responses[{}]: they differ only in blanks at the ends, line ends, Unicode form or "
    "invisible characters",
}


def _canonical(messages: list[dict[str, str]]) -> list[dict[str, str]]:
    return [{**each, "content": canonical(each["content"])} for each in messages]


def _response_content(value: Any, path: str, limits: ItemLimits) -> list[dict[str, str]]:
    response = _object(value, path)
    _check_fields(response, path, _RESPONSE_FIELDS, ())
    text, messages = response.get("text"), response.get("messages")
    if (text is None) == (messages is None):
        raise RowFault(path, "must hold either text or messages")
    if response.get("model") is not None:
        _check_model(response["model"], f"{path}.model", limits)
    if messages is None:
        return [{"role": "assistant", "content": _visible(text, f"{path}.text")}]
    below = f"{path}.messages"
    roles = _checked_roles(messages, below, limits)
    for index in (0, len(roles) - 1):
        if roles[index] != "assistant":
            end = "first" if index == 0 else "last"
            raise RowFault(f"{below}[{index}].role", f"the {end} message must be the assistant's")
    content: list[dict[str, str]] = messages
    return content


def _check_model(value: Any, path: str, limits: ItemLimits) -> None:
    if len(_text(value, path)) > limits.model_characters:
        raise RowFault(path, f"is longer than {limits.model_characters} characters")


def _check_extra(value: Any, path: str, limits: ItemLimits) -> None:
    if value is None:
        return
    if _count_keys(_object(value, path)) > limits.keys:
        raise RowFault(path, f"holds more than {limits.keys} keys")
    if len(stored_json(value)) > limits.extra_bytes:
        raise RowFault(path, f"is longer than {limits.extra_bytes} bytes")


def _count_keys(value: Any) -> int:
    if isinstance(value, dict):
        return len(value) + sum(_count_keys(inner) for inner in value.values())
    if isinstance(value, list):
        return sum(_count_keys(inner) for inner in value)
    return 0
