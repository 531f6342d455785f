"""Checks of an item's responses that several kinds need: how many there are, and whether they differ."""

from projects.kinds.problems import Problem, problem
from rlhfhub.ground.canonical import canonical

#: The greatest number of responses that an item may have.
MOST_RESPONSES = 10


def listed(item: object) -> list[object] | None:
    """Return the item's responses, [] if it has no such field, or None if they are not a list."""
    found = item.get("responses", []) if isinstance(item, dict) else None
    return found if isinstance(found, list) else None


def check_count(item: object, least: int, most: int) -> list[Problem]:
    """Check that the item has from `least` to `most` responses."""
    responses = listed(item)
    wanted = _counted(most) if least == most else f"{least} to {_counted(most)}"
    if responses is None:
        return [problem("responses", f"This must be a list of {wanted}.")]
    if not least <= len(responses) <= most:
        given = f"{_counted(len(responses))} {'was' if len(responses) == 1 else 'were'} given"
        return [problem("responses", f"This must be a list of {wanted}, but {given}.")]
    return []


def _counted(number: int) -> str:
    return f"{number} response" if number == 1 else f"{number} responses"


def are_same(*responses: object) -> bool:
    """Return whether a reader could not distinguish the responses (see `rlhfhub.ground.canonical`).

    Malformed responses never count as the same.
    """
    first, *others = (_turns(response) for response in responses)
    return first is not None and all(other == first for other in others)


def _turns(response: object) -> list[tuple[str, str]] | None:
    """Return a response as (role, text) turns, a plain text as one assistant turn; None if malformed."""
    if not isinstance(response, dict):
        return None
    text, messages = response.get("text"), response.get("messages")
    if isinstance(text, str):
        return [("assistant", canonical(text))]
    if not isinstance(messages, list):
        return None
    turns: list[tuple[str, str]] = []
    for message in messages:
        role = message.get("role") if isinstance(message, dict) else None
        content = message.get("content") if isinstance(message, dict) else None
        if not isinstance(role, str) or not isinstance(content, str):
            return None
        turns.append((role, canonical(content)))
    return turns
