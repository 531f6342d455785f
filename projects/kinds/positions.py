"""Conversions between a response's key and letter under a lease and its stored index in the item."""

from collections.abc import Sequence


def index_of(key: object, keys: Sequence[str], shown: Sequence[int]) -> int | None:
    """Return the stored index of the response with this key, or None if no response has it."""
    if not isinstance(key, str) or key not in keys:
        return None
    return shown[keys.index(key)]


def key_of(index: object, keys: Sequence[str], shown: Sequence[int]) -> str | None:
    """Return the key of the response with this stored index, or None if it is not shown."""
    if type(index) is not int or index not in shown:
        return None
    return keys[shown.index(index)]


def letter(position: int) -> str:
    """Return the letter of a position on the desk: A for position 0."""
    return chr(ord("A") + position)


def letter_of(index: int, shown: Sequence[int]) -> str:
    """Return the letter under which the response with this stored index was shown."""
    return letter(shown.index(index))
