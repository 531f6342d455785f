"""What a later room adds to an earlier room's page: registered in the app's ready(), called while the page is made.

Facts flow down, so a page of `projects` cannot ask `billing` for a balance; `billing` offers it here.
"""

from collections.abc import Callable
from typing import Any

Source = Callable[..., dict[str, Any]]
_sources: dict[str, list[Source]] = {}


def contribute(page: str, source: Source) -> None:
    """`source(**about)` returns names for the context of `page`; it is called in the page's own plane."""
    known = _sources.setdefault(page, [])
    if source not in known:
        known.append(source)


def gathered(page: str, **about: Any) -> dict[str, Any]:
    """What all rooms add to `page`, for the objects `about` which it is."""
    found: dict[str, Any] = {}
    for source in _sources.get(page, []):
        found |= source(**about)
    return found
