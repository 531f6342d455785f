"""The site's URLs, read from the URL resolver."""

from collections.abc import Iterator
from typing import Any

from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse


def urls(patterns: Any = None, prefix: str = "") -> Iterator[tuple[str, str | None]]:
    """Yield (route, name) of every URL."""
    for one in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(one, URLPattern):
            yield prefix + str(one.pattern), one.name
        elif isinstance(one, URLResolver):
            yield from urls(one.url_patterns, prefix + str(one.pattern))


def parameters(name: str) -> tuple[str, ...]:
    """Return the names of the parameters in a URL. Raises NoReverseMatch if no URL has this name."""
    found = get_resolver().reverse_dict.getlist(name)
    if not found:
        raise NoReverseMatch(name)
    return tuple(found[0][0][0][1])


def path_of(name: str, ids: dict[str, Any]) -> str:
    """Return the URL's path; `ids` holds the values of its parameters by name."""
    return reverse(name, kwargs={one: ids[one] for one in parameters(name)})
