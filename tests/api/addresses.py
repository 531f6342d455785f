"""Every URL of the REST API, from the URL resolver, with ids that do not exist."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import get_resolver, reverse

PREFIX = "api/v1/"


@dataclass(frozen=True)
class Address:
    """One method of one REST URL."""

    name: str
    method: str
    path: str
    view: Any

    def __str__(self) -> str:
        return f"{self.method} {self.name}"

    @property
    def is_desk(self) -> bool:
        """Whether it needs an annotator's key."""
        return self.path.startswith(f"/{PREFIX}desk/")


def addresses() -> Iterator[Address]:
    """Yield every method of every REST URL. `view` is None unless the view is a class of ours."""
    for pattern in get_resolver("rlhfhub.urls_api").url_patterns:
        ids = {
            name: 1 if "Int" in type(converter).__name__ else uuid.UUID(int=7)
            for name, converter in pattern.pattern.converters.items()
        }
        view = getattr(pattern.callback, "view_class", None)
        methods = [m for m in getattr(view, "http_method_names", ["get"]) if hasattr(view, m)]
        for method in [*methods, *(["head"] if "get" in methods else [])]:
            path = reverse(pattern.name, kwargs=ids)
            yield Address(pattern.name, method.upper(), path, view)
