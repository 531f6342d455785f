"""Query parameters of REST, read strictly: a view names the ones it takes, and every other one is refused.

Ignoring an unknown parameter would be dangerous: the caller meant it as a filter and would get everything.
"""

import uuid
from collections.abc import Iterable
from itertools import islice
from typing import Any, ClassVar

from django.http import QueryDict
from rest_framework import serializers

from rlhfhub.ground.numbers import whole
from rlhfhub.ground.refusals import Refused

# A refusal repeats at most so many characters of a parameter's name, and so many names.
_NAME, _MANY = 60, 20


class Query(serializers.Serializer[Any]):
    """The query parameters that one method of a view takes: the declared ones, each at most once, all optional.

    The schema of REST shows the same fields (`rlhfhub.api.schema`).
    """

    @classmethod
    def read(cls, given: QueryDict) -> dict[str, Any]:
        """Check `given`.

        Returns: the parameters that were given, and the defaults of those that were not.
        Raises: Refused for a parameter that is unknown or repeated, ValidationError for a value that is not allowed;
            both name the parameter.
        """
        if not given and not cls._declared_fields:
            return {}  # Keeps the desk fast: building a serializer would cost more than the rest of this method.
        query = cls(data=given.dict())
        _refuse(
            (name, _unknown(query.fields) if name not in query.fields else "may be given only once")
            for name, values in given.lists()
            if name not in query.fields or len(values) > 1
        )
        query.is_valid(raise_exception=True)
        found: dict[str, Any] = query.validated_data
        return found


class NoQuery(Query):
    """No query parameter at all."""


def _unknown(known: Iterable[str]) -> str:
    names = ", ".join(sorted(known))
    return "unknown parameter; " + (
        f"this address takes {names}" if names else "this address takes none"
    )


def _refuse(faults: Iterable[tuple[str, str]]) -> None:
    """Raise Refused that names each refused parameter with its reason; do nothing when there are none."""
    errors = [
        {"row": None, "field": name[:_NAME], "message": message}
        for name, message in islice(faults, _MANY)
    ]
    if errors:
        detail = "; ".join(f"{error['field']}: {error['message']}" for error in errors[:5])
        raise Refused("invalid", detail, errors=errors)


class TakesQuery:
    """A view that takes only the query parameters it declares: `queries` maps its methods to a Query.

    A method that is not in it takes none; HEAD takes what GET takes. `query` holds the request's checked parameters.
    """

    queries: ClassVar[dict[str, type[Query]]] = {}
    query: dict[str, Any]

    @classmethod
    def query_of(cls, method: str | None) -> type[Query]:
        """Return the Query that `method` takes."""
        return cls.queries.get("GET" if method == "HEAD" else method or "", NoQuery)


class QueryInteger(serializers.IntegerField):
    """A whole number in plain digits: not `1_000`, `1e3` or `+5`."""

    def to_internal_value(self, data: Any) -> int:
        number = whole(data)
        if number is None:
            self.fail("invalid")
        return number


class QueryId(serializers.UUIDField):
    """An id."""

    def to_internal_value(self, data: Any) -> uuid.UUID:
        try:
            return uuid.UUID(data)
        except ValueError:
            self.fail("invalid", value=data)


class PageQuery(Query):
    """The query parameters of every list; `rlhfhub.api.pagination` reads them."""

    cursor = serializers.CharField(
        required=False, trim_whitespace=False, help_text="From `next` or `previous`."
    )
    page_size = QueryInteger(
        required=False,
        min_value=1,
        max_value=500,
        help_text="50 unless given. A page of large rows ends at 1 MiB, with fewer of them.",
    )
