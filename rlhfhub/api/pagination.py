"""Cursor pages in the order of a unique column (time), newest first; a crafted cursor is refused by its name.

A page ends at its number of rows or at its bytes, whichever comes first. Rows come through a cursor of the
server, a few at a time, until the page is full: a page of large rows takes no more memory than it shows.
"""

from collections.abc import Callable, Iterable
from contextlib import closing
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from orjson import Fragment
from rest_framework.exceptions import NotFound
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request

from rlhfhub.ground.json_out import dumps
from rlhfhub.ground.refusals import invalid

#: The bytes of JSON that the rows of one page have together. A single larger row is a page of its own.
PAGE_BYTES = 1024 * 1024
# How many rows are read before they are measured: an item has a megabyte at most.
_ROWS_AT_ONCE = 5
_CRAFTED = "leads nowhere; take it from `next` or `previous`"


class KeyPages(CursorPagination):
    """Pages of a list in the order of one unique column. Cursors and links are DRF's, without its offsets."""

    page_size = 50
    page_size_query_param = "page_size"

    def __init__(self, ordering: str = "-id") -> None:
        self.ordering = (ordering,)

    def take(
        self, queryset: QuerySet[Any], request: Request, shown: Callable[[Any], Any]
    ) -> list[Fragment]:
        """One page of rows, each as the JSON of what `shown` makes of it. `page` has the rows themselves.

        Raises Refused for a cursor that we did not give.
        """
        self.request, self.base_url = request, request.build_absolute_uri()
        self.page_size = self.get_page_size(request) or self.page_size
        self.cursor = self._cursor(request)
        backwards = self.cursor is not None and self.cursor.reverse
        rows, after = queryset.order_by(*self.ordering), None
        if backwards:
            rows = rows.reverse()
        if self.cursor is not None:
            after = self._position(queryset, self.cursor)
            descends = self.ordering[0].startswith("-") is not backwards
            column = self.ordering[0].removeprefix("-")
            rows = rows.filter(**{f"{column}__{'lt' if descends else 'gt'}": after})
        read: Any = rows[: self.page_size + 1].iterator(chunk_size=_ROWS_AT_ONCE)
        with closing(read):
            self.page, jsons, beyond = _filled(read, shown, self.page_size)
        if backwards:
            self.page.reverse()
            jsons.reverse()
        self._link(beyond, after, backwards)
        return jsons

    def _cursor(self, request: Request) -> Any:
        try:
            return self.decode_cursor(request)
        except NotFound as error:
            raise invalid(self.cursor_query_param, _CRAFTED) from error

    def _position(self, queryset: QuerySet[Any], cursor: Any) -> str:
        """The value after which the page begins, when it is written as we write it."""
        field: Any = queryset.model._meta.get_field(self.ordering[0].removeprefix("-"))
        position = cursor.position
        try:
            if cursor.offset == 0 and str(field.to_python(position)) == position:
                return str(position)
        except (ValidationError, ValueError):
            pass
        raise invalid(self.cursor_query_param, _CRAFTED)

    def _link(self, beyond: Any, after: str | None, backwards: bool) -> None:
        """Say what DRF makes its links of: `beyond` is the first row that the page has no room for, or None."""
        following = (
            None if beyond is None else self._get_position_from_instance(beyond, self.ordering)
        )
        before, behind = (following, after) if backwards else (after, following)
        self.has_previous, self.previous_position = before is not None, before
        self.has_next, self.next_position = behind is not None, behind


def _filled(
    rows: Iterable[Any], shown: Callable[[Any], Any], size: int
) -> tuple[list[Any], list[Fragment], Any]:
    """As many rows as there is room for, their JSON, and the row after them or None."""
    taken: list[Any] = []
    jsons: list[Fragment] = []
    room = PAGE_BYTES
    for row in rows:
        text = dumps(shown(row)) if len(taken) < size else b""
        if len(taken) == size or (taken and len(text) > room):
            return taken, jsons, row
        room -= len(text)
        taken.append(row)
        jsons.append(Fragment(text))
    return taken, jsons, None


def page(request: Any, queryset: Any, serializer: Any, ordering: str = "-id") -> Any:
    """One page of `queryset` as a response: {next, previous, results}. `ordering` is by a unique column."""
    pages = KeyPages(ordering)
    return pages.get_paginated_response(
        pages.take(queryset, request, serializer().to_representation)
    )
