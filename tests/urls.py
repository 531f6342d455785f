"""What the URL resolver knows."""

from collections.abc import Iterator
from typing import Any

from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse


def urls(patterns: Any = None, prefix: str = "") -> Iterator[tuple[str, str | None]]:
    """(route, name) of every URL."""
    for one in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(one, URLPattern):
            yield prefix + str(one.pattern), one.name
        elif isinstance(one, URLResolver):
            yield from urls(one.url_patterns, prefix + str(one.pattern))


def parameters(name: str) -> tuple[str, ...]:
    """The names of the parameters in a URL."""
    found = get_resolver().reverse_dict.getlist(name)
    if not found:
        raise NoReverseMatch(name)
    return tuple(found[0][0][0][1])


def path_of(name: str, ids: dict[str, Any]) -> str:
    """The URL's address with what stands in `ids` under the names of its parameters."""
    return reverse(name, kwargs={one: ids[one] for one in parameters(name)})
