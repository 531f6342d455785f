"""Problems found in input, and the check of text that all kinds share."""

from typing import Any, TypedDict

from rlhfhub.ground.canonical import is_blank

#: Caps the reply to a hostile request, for example one with a million unknown fields.
MOST_PROBLEMS = 20


class Problem(TypedDict):
    """One thing that is wrong, and the path of the field it is wrong in, such as ``preference.choice``."""

    field: str
    message: str


def problem(field: str, message: str) -> Problem:
    """Return a problem in `field`; the empty field name means the whole value."""
    return {"field": field, "message": message}


def prefixed(prefix: str, problems: list[Problem]) -> list[Problem]:
    """Return the problems of a nested value with their field paths prefixed by its field, `prefix`."""
    return [
        problem(f"{prefix}.{one['field']}" if one["field"] else prefix, one["message"])
        for one in problems
    ]


def quoted(value: object) -> str:
    """Return text of a client's, shortened to 40 printable ASCII characters, to be repeated in a message."""
    if not isinstance(value, str):
        return type(value).__name__
    shown = value[:40].encode("ascii", "backslashreplace").decode("ascii")
    printable = "".join(mark if mark.isprintable() else "?" for mark in shown)
    return printable + ("…" if len(value) > 40 else "")


def unknown_fields(given: dict[Any, Any], known: frozenset[str]) -> list[Problem]:
    """Return a problem for each field not in `known`, so that a misspelled name is not ignored."""
    found: list[Problem] = []
    for name in given:
        if name not in known:
            found.append(problem(quoted(name), "This field is not known."))
            if len(found) >= MOST_PROBLEMS:
                break
    return found


def text_problem(value: object, most: int, *, blank: bool = True) -> str | None:
    """Return why a value cannot be stored and shown as text of at most `most` characters, or None if it can."""
    if not isinstance(value, str):
        return "This must be text."
    if len(value) > most:
        return f"This has {len(value)} characters; at most {most} are allowed."
    if "\x00" in value:
        return "This holds a NUL character, which cannot be stored."
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return "This holds half a surrogate pair, which is no character and cannot be stored."
    if not blank and is_blank(value):
        return "This must not be empty."
    return None
