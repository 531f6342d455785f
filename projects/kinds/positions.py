"""Where a response stands: its key and letter under a lease, and its index in the item."""

from collections.abc import Sequence


def index_of(key: object, keys: Sequence[str], shown: Sequence[int]) -> int | None:
    """The stored index of the response with this key, or None."""
    if not isinstance(key, str) or key not in keys:
        return None
    return shown[keys.index(key)]


def key_of(index: object, keys: Sequence[str], shown: Sequence[int]) -> str | None:
    """The key of the response with this stored index, or None."""
    if type(index) is not int or index not in shown:
        return None
    return keys[shown.index(index)]


def letter(position: int) -> str:
    """The name of a shown position: A for 0."""
    return chr(ord("A") + position)


def letter_of(index: int, shown: Sequence[int]) -> str:
    """The letter under which the response with this stored index was shown."""
    return letter(shown.index(index))
