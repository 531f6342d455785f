"""The slow road: reads an item strictly and names the first thing wrong with it."""

from __future__ import annotations

from typing import Any

import msgspec

from .errors import ROW, RowFault
from .item_shape import SentItem, stored_json
from .json_text import child, strict_json
from .limits import ItemLimits

ROLES = frozenset({"system", "user", "assistant", "tool"})
_FIELDS = ("external_id", "prompt", "responses", "context", "metadata")
_RESPONSE_FIELDS = ("text", "messages", "model")


def explained_item(raw: bytes, limits: ItemLimits, exact_responses: int | None) -> SentItem:
    """The item in `raw`, or a RowFault saying where and why not."""
    value = _object(strict_json(raw, limits), ROW)
    _check_fields(value, "", _FIELDS, ("prompt", "responses"))
    _check_external_id(value.get("external_id"), limits)
    _check_prompt(value["prompt"], limits)
    _check_responses(value["responses"], limits, exact_responses)
    for name in ("context", "metadata"):
        _check_extra(value.get(name), name, limits)
    return msgspec.convert(value, SentItem)


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
    for key in value:
        if key not in known:
            raise RowFault(child(path, key), f"is not a field here ({', '.join(known)} are)")
    for key in required:
        if key not in value:
            raise RowFault(child(path, key), "is missing")


def _text(value: Any, path: str) -> str:
    if not isinstance(value, str):
        raise RowFault(path, f"must be text, not {_kind(value)}")
    return value


def _visible(value: Any, path: str) -> str:
    text = _text(value, path)
    if not text or text.isspace():
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
        raise RowFault(path, "holds no message")
    if len(messages) > limits.messages:
        raise RowFault(path, f"holds more than {limits.messages} messages")
    return [_checked_role(each, f"{path}[{index}]") for index, each in enumerate(messages)]


def _checked_role(value: Any, path: str) -> str:
    message = _object(value, path)
    _check_fields(message, path, ("role", "content"), ("role", "content"))
    role = _text(message["role"], f"{path}.role")
    if role not in ROLES:
        raise RowFault(f"{path}.role", "must be system, user, assistant or tool")
    content = _text(message["content"], f"{path}.content")
    if role in ("user", "assistant"):
        _visible(content, f"{path}.content")
    return role


def _check_responses(value: Any, limits: ItemLimits, exact: int | None) -> None:
    if not isinstance(value, list):
        raise RowFault("responses", f"must be a list, not {_kind(value)}")
    count = len(value)
    if exact is not None and count != exact:
        raise RowFault("responses", f"must be exactly {exact}, here are {count}")
    if not 2 <= count <= limits.responses:
        raise RowFault("responses", f"must be 2 to {limits.responses}, here are {count}")
    seen: dict[bytes, int] = {}
    for index, each in enumerate(value):
        path = f"responses[{index}]"
        content = _response_content(each, path, limits)
        first = seen.setdefault(stored_json(content), index)
        if first != index:
            raise RowFault(path, f"is the same as responses[{first}]")


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
