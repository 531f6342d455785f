"""Query parameters of pages: a view names the ones it takes, and any other gives a 404 page that explains why.

An unknown parameter may be meant as a filter, and the page would show everything as if it were filtered. Tracking
parameters that other sites add to links are ignored.
"""

import re
from collections.abc import Callable
from typing import Any, TypeVar

from django.http import HttpRequest, HttpResponse, HttpResponseBase

from rlhfhub.web import views as errors

# Not for REST, which uses rlhfhub.api.queries, nor for the libraries' pages: Django's admin refuses unknown lookups
# itself, and allauth's pages show no lists.
_OTHERS = ("/api/", "/admin/", "/accounts/")
_TRACKING = re.compile(
    r"utm_\w+|mtm_\w+|fbclid|gclid|gclsrc|gbraid|wbraid|dclid|msclkid|yclid|twclid|ttclid|li_fat_id|igshid|igsh"
    r"|mc_cid|mc_eid|_ga|_gl|_hsenc|_hsmi|mkt_tok|srsltid|ref|ref_src"
)
_View = TypeVar("_View", bound=Callable[..., Any])


def takes(*names: str, form: tuple[str, ...] = ()) -> Callable[[_View], _View]:
    """Mark the view as taking the query parameters `names`, each at most once and not empty, for every method.

    `form` are the fields of a search form, which may be empty, because browsers send unused fields as empty.
    """

    def mark(view: _View) -> _View:
        view.query_names = frozenset((*names, *form))  # type: ignore[attr-defined]
        view.query_form = frozenset(form)  # type: ignore[attr-defined]
        return view

    return mark


class QueryMiddleware:
    """Responds 404 to a query parameter that the page's view does not take, or that is repeated or empty."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        if not request.GET or request.path_info.startswith(_OTHERS):
            return None
        known: frozenset[str] = getattr(view, "query_names", frozenset())
        form: frozenset[str] = getattr(view, "query_form", frozenset())
        wrong = [
            name
            for name, values in request.GET.lists()
            if not _is_fine(name, values, known) and not (name in form and values == [""])
        ]
        return errors.unknown_query(request, wrong) if wrong else None


def _is_fine(name: str, values: list[str], known: frozenset[str]) -> bool:
    if name in known:
        return len(values) == 1 and values[0] != ""
    return _TRACKING.fullmatch(name) is not None
