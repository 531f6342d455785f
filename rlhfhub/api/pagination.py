"""Cursor pagination in the order of a unique column (time), newest first. A forged cursor is refused.

A page ends at a number of rows or of bytes, whichever is reached first. Rows are read through a server-side cursor, a
few at a time, until the page is full, so that a page of large rows takes little more memory than its response.
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

#: The most bytes of JSON that the rows of one page have together. A single larger row makes a page alone.
PAGE_BYTES = 1024 * 1024
# The number of rows read between two checks of the page's bytes. An item has a megabyte at most.
_ROWS_AT_ONCE = 5
_CRAFTED = "is not a cursor of this list; use one from `next` or `previous`"


class KeyPages(CursorPagination):
    """Paginates a list in the order of one unique column. Cursors and links are DRF's, without its offsets."""

    page_size = 50
    page_size_query_param = "page_size"

    def __init__(self, ordering: str = "-id") -> None:
        self.ordering = (ordering,)

    def take(
        self, queryset: QuerySet[Any], request: Request, shown: Callable[[Any], Any]
    ) -> list[Fragment]:
        """Return one page of rows, each as the JSON of what `shown` makes of it, and keep the rows in `page`.

        Raises: Refused for a cursor that this class did not make.
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
        """Return the value after which the page begins. Raises Refused unless it is written as `_link` writes it."""
        field: Any = queryset.model._meta.get_field(self.ordering[0].removeprefix("-"))
        position = cursor.position
        try:
            if cursor.offset == 0 and str(field.to_python(position)) == position:
                return str(position)
        except (ValidationError, ValueError):
            pass
        raise invalid(self.cursor_query_param, _CRAFTED)

    def _link(self, beyond: Any, after: str | None, backwards: bool) -> None:
        """Set what DRF builds its links from. `beyond` is the first row that did not fit on the page, or None."""
        following = (
            None if beyond is None else self._get_position_from_instance(beyond, self.ordering)
        )
        before, behind = (following, after) if backwards else (after, following)
        self.has_previous, self.previous_position = before is not None, before
        self.has_next, self.next_position = behind is not None, behind


def _filled(
    rows: Iterable[Any], shown: Callable[[Any], Any], size: int
) -> tuple[list[Any], list[Fragment], Any]:
    """Return the rows that fit on the page, their JSON, and the first row that did not fit or None."""
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
    """Return one page of `queryset` as a response: {next, previous, results}. `ordering` names a unique column."""
    pages = KeyPages(ordering)
    return pages.get_paginated_response(
        pages.take(queryset, request, serializer().to_representation)
    )
