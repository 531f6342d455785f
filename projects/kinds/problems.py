"""Problems found in input, and the checks of text that all kinds share."""

from typing import Any, TypedDict

#: One look at a hostile answer need not list a million unknown fields.
MOST_PROBLEMS = 20


class Problem(TypedDict):
    """One thing wrong, and the field it is wrong in, such as ``preference.choice``."""

    field: str
    message: str


def problem(field: str, message: str) -> Problem:
    """A problem in a field; the empty field is the whole value."""
    return {"field": field, "message": message}


def under(prefix: str, problems: list[Problem]) -> list[Problem]:
    """The same problems, seen from the value that holds this one in the field `prefix`."""
    return [
        problem(f"{prefix}.{one['field']}" if one["field"] else prefix, one["message"])
        for one in problems
    ]


def quoted(value: object) -> str:
    """A client's own word, short and printable, fit to stand in a field or message of ours."""
    if not isinstance(value, str):
        return type(value).__name__
    shown = value[:40].encode("ascii", "backslashreplace").decode("ascii")
    printable = "".join(mark if mark.isprintable() else "?" for mark in shown)
    return printable + ("…" if len(value) > 40 else "")


def unknown_fields(given: dict[Any, Any], known: frozenset[str]) -> list[Problem]:
    """A problem for each field that nobody asked for: a typing error must not pass silently."""
    found: list[Problem] = []
    for name in given:
        if name not in known:
            found.append(problem(quoted(name), "This field is not known."))
            if len(found) >= MOST_PROBLEMS:
                break
    return found


def text_problem(value: object, most: int, *, blank: bool = True) -> str | None:
    """Why a value is no text that can be stored and shown, or None if it is one."""
    if not isinstance(value, str):
        return "This must be text."
    if len(value) > most:
        return f"This has {len(value)} characters; at most {most} are allowed."
    if "\x00" in value:
        return "This holds a NUL character, which cannot be stored."
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return "This holds half a surrogate pair, which is no character."
    if not blank and not value.strip():
        return "This must not be empty."
    return None
