"""How many responses an item brings: the check that kinds share."""

from projects.kinds.problems import Problem, problem

#: The greatest number of responses an item may bring.
MOST_RESPONSES = 10


def listed(item: object) -> list[object] | None:
    """The item's responses; an item that has no such field has none. None: they are no list."""
    found = item.get("responses", []) if isinstance(item, dict) else None
    return found if isinstance(found, list) else None


def check_count(item: object, least: int, most: int) -> list[Problem]:
    """Whether the item brings from `least` to `most` responses."""
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
