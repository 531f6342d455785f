"""The refusal of an upload whose rows are wrong."""

from collections.abc import Sequence
from typing import Any

from rlhfhub.ground.refusals import Refused


def rows_refused(errors: Sequence[dict[str, Any]], count: int) -> Refused:
    """Return the refusal that names the first of `count` wrong rows: each error has a row, a field and a message."""
    first = errors[0]
    return Refused(
        "rejected",
        f"The import failed because some rows are wrong ({count:,} in all). Correct them, or import again and leave "
        f"wrong rows out. Row {first['row']}, {first['field']}: {first['message']}",
        errors=list(errors),
    )
