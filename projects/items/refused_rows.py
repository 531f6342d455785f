"""The refusal of an upload whose rows are wrong."""

from collections.abc import Sequence
from typing import Any

from rlhfhub.ground.refusals import Refused


def rows_refused(errors: Sequence[dict[str, Any]], count: int, *, keyed: bool = False) -> Refused:
    """Return the refusal that names the first of `count` wrong rows: each error has a row, a field and a message.

    Of keyed items no rows can be left out.
    """
    first = errors[0]
    how = "Correct them" if keyed else "Correct them, or import again and leave wrong rows out"
    return Refused(
        "rejected",
        f"The import failed because some rows are wrong ({count:,} in all), and nothing was stored. {how}. Row "
        f"{first['row']}, {first['field']}: {first['message']}",
        errors=list(errors),
    )
