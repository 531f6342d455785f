"""Cursor pages in the order of keys (time), newest first; a crafted cursor is 404 and not a fault."""

from typing import Any

from django.core.exceptions import ValidationError
from rest_framework.exceptions import NotFound
from rest_framework.pagination import CursorPagination


class KeyPages(CursorPagination):
    page_size = 50
    max_page_size = 500
    page_size_query_param = "page_size"
    ordering = "-id"

    def paginate_queryset(self, queryset: Any, request: Any, view: Any = None) -> list[Any] | None:
        try:
            return super().paginate_queryset(queryset, request, view)
        except (ValidationError, ValueError, TypeError) as error:
            raise NotFound("This cursor leads nowhere.") from error


def page(request: Any, queryset: Any, serializer: Any, ordering: str = "-id") -> Any:
    """One page of `queryset` as a response: {next, previous, results}. `ordering` is by a unique column."""
    pages = KeyPages()
    pages.ordering = ordering
    rows = pages.paginate_queryset(queryset, request)
    return pages.get_paginated_response(serializer(rows, many=True).data)
