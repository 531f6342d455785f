"""Paginates lists on pages by a cursor in the URL.

A cursor names the row after which the next page begins, by the columns that the list is ordered by, so that rows added
or removed meanwhile do not shift the pages. A forged cursor gives 404.
"""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet
from django.http import Http404, HttpRequest

SIZE = 50
_BETWEEN = "~"
_Row = TypeVar("_Row")


@dataclass(frozen=True, slots=True)
class Listing(Generic[_Row]):
    """One page of a list, as `web/_pagination.html` shows it; `name` is the cursor's query parameter."""

    rows: list[_Row]
    name: str
    next_cursor: str
    is_first: bool
    # Other query parameters, kept so that paging one list does not reset another.
    rest: str = ""

    def __bool__(self) -> bool:
        return bool(self.rows)

    @property
    def first_query(self) -> str:
        """The query string of the list's first page."""
        return f"?{self.rest}" if self.rest else ""

    @property
    def next_query(self) -> str:
        """The query string of the next page."""
        return f"?{self.rest}{'&' if self.rest else ''}{urlencode({self.name: self.next_cursor})}"


def rest_of(request: HttpRequest, name: str) -> str:
    """Return the query string without the cursor called `name`."""
    said = request.GET.copy()
    said.pop(name, None)
    return said.urlencode()


def cursor_of(request: HttpRequest, name: str = "cursor") -> uuid.UUID | None:
    """Return the id after which the list continues, for lists ordered by id; None for the first page."""
    try:
        return uuid.UUID(request.GET[name]) if request.GET.get(name) else None
    except ValueError as error:
        raise Http404 from error


def moment_cursor_of(
    request: HttpRequest, name: str = "cursor"
) -> tuple[datetime, uuid.UUID] | None:
    """Return time and id after which a list in the order of both continues; None for the first page."""
    if not (text := request.GET.get(name)):
        return None
    try:
        moment, key = text.split(_BETWEEN)
        at, last = datetime.fromisoformat(moment), uuid.UUID(key)
        if moment_cursor(at, last) == text:
            return at, last
    except (ValueError, OverflowError) as error:
        raise Http404 from error
    raise Http404


def moment_cursor(at: datetime, key: uuid.UUID) -> str:
    """Return the cursor of a row, as `moment_cursor_of` reads it."""
    return f"{_text(at)}{_BETWEEN}{key}"


def cut(
    found: Sequence[_Row],
    request: HttpRequest,
    *,
    key: Callable[[_Row], Any],
    size: int = 0,
    name: str = "cursor",
) -> Listing[_Row]:
    """Make a page of `found`, which has up to one row more than `size` (else SIZE). `key` returns a row's cursor."""
    size = size or SIZE
    more = len(found) > size
    rows = list(found[:size])
    after = str(key(rows[-1])) if more else ""
    return Listing(rows, name, after, not request.GET.get(name), rest_of(request, name))


def listed(
    rows: QuerySet[Any], request: HttpRequest, *order: str, size: int = 0, name: str = "cursor"
) -> Listing[Any]:
    """Make a page of `rows` in `order`: columns without NULLs, of which the last is unique."""
    size = size or SIZE
    if after := request.GET.get(name):
        rows = rows.filter(_beyond(rows, order, after))
    columns = [column.removeprefix("-") for column in order]
    return cut(
        list(rows.order_by(*order)[: size + 1]),
        request,
        key=lambda row: _BETWEEN.join(_text(getattr(row, column)) for column in columns),
        size=size,
        name=name,
    )


def _text(value: Any) -> str:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else str(value)


def _beyond(rows: QuerySet[Any], order: tuple[str, ...], after: str) -> Q:
    """Return the condition for rows after the named one: greater in one column and equal in all before it."""
    texts = after.split(_BETWEEN)
    if len(texts) != len(order) or "\0" in after:
        raise Http404
    found, equal = Q(), Q()
    for column, text in zip(order, texts, strict=True):
        name = column.removeprefix("-")
        value = _value(rows, name, text)
        found |= equal & Q(**{f"{name}__{'lt' if column.startswith('-') else 'gt'}": value})
        equal &= Q(**{name: value})
    return found


def _value(rows: QuerySet[Any], name: str, text: str) -> Any:
    known = rows.query.annotations.get(name)
    model: type[Model] = rows.model
    field: Any = known.output_field if known is not None else model._meta.get_field(name)
    try:
        value = field.to_python(text)
        # Accept only the form that `_text` writes: a time in another zone, for example, could be before year 1.
        if _text(value) == text:
            return value
    except (ValidationError, ValueError, OverflowError) as error:
        raise Http404 from error
    raise Http404
