"""The staff's site at /admin/: it runs in the staff plane, audits every request, and is almost entirely read-only."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any, ClassVar

from csp.constants import SELF, UNSAFE_EVAL, UNSAFE_INLINE
from csp.decorators import csp_replace
from django.apps import apps
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import FieldDoesNotExist, PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from unfold.admin import ModelAdmin, TabularInline
from unfold.paginator import InfinitePaginator
from unfold.sites import UnfoldAdminSite

from rlhfhub.tenancy import audit, planes
from rlhfhub.tenancy.planes import Plane

View = Callable[..., HttpResponse]
_PLURALS = {
    "api key": "API keys",
    "batch": "batches",
    "funding": "funding runs",
    "pair of accounts": "pairs of accounts",
    "terms": "terms",
}


@dataclass(frozen=True, slots=True)
class Waiting:
    """How much of something waits for staff, and the page that lists it."""

    words: str
    count: int
    path: str


@dataclass(frozen=True, slots=True)
class Need:
    """One thing that a person of the staff should look at, and the page where they act on it.

    `due_at` is when a rule decides if nobody does; None if nothing happens by itself. `workspace` may be empty.
    """

    kind: str
    words: str
    workspace: str
    since: datetime
    due_at: datetime | None
    path: str


#: So many things, the oldest, are on the page of what needs a person.
MOST_NEEDS = 100


class StaffSite(UnfoldAdminSite):
    """Django's admin for members of staff. It reads the user in the door plane and other rows in the staff plane."""

    site_url = "/"
    index_title = "Overview"
    index_template = "tenancy/staff_index.html"

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._warnings: list[Callable[[], list[str]]] = []
        self._waits: list[Callable[[], Waiting]] = []
        self._needs: list[Callable[[int], list[Need]]] = []

    def warn_of(self, source: Callable[[], list[str]]) -> None:
        """Show the warnings that `source` returns above the overview. Called from a room's ready()."""
        self._warnings.append(source)

    def count(self, source: Callable[[], Waiting]) -> None:
        """Show on the overview how much waits, as `source` returns it in the staff plane."""
        self._waits.append(source)

    def ask(self, source: Callable[[int], list[Need]]) -> None:
        """Show on the page of what needs a person what `source` returns: the oldest, up to so many. Staff plane."""
        self._needs.append(source)

    def get_urls(self) -> list[Any]:
        """Add the page of what needs a person to the site's own."""
        return [path("queue/", self.admin_view(self.queue), name="queue"), *super().get_urls()]

    def queue(self, request: HttpRequest) -> TemplateResponse:
        """Show what needs a person today, the oldest first, each with its deadline and the page where to act."""
        found = [need for source in self._needs for need in source(MOST_NEEDS)]
        context = {
            **self.each_context(request),
            "title": "What needs a person",
            "needs": sorted(found, key=lambda need: need.since)[:MOST_NEEDS],
            "waits": [one for one in (source() for source in self._waits) if one.count],
            "most": MOST_NEEDS,
        }
        return TemplateResponse(request, "tenancy/staff_queue.html", context)

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Register a model, and name its room and its plural: `billing_ledger` is shown as "Ledger"."""
        super().register(model_or_iterable, admin_class, **options)
        models: Any = (
            [model_or_iterable] if isinstance(model_or_iterable, type) else model_or_iterable
        )
        for model in models:
            meta = model._meta
            meta.verbose_name_plural = _plural(str(meta.verbose_name))
            room: Any = apps.get_app_config(meta.app_label)
            room.verbose_name = meta.app_label.partition("_")[2].capitalize()

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        """Show the overview: warnings, what waits for staff, and the rooms."""
        for source in self._warnings:
            for words in source():
                messages.error(request, words)
        waits = [source() for source in self._waits]
        return super().index(request, {**(extra_context or {}), "waits": waits})

    def admin_view(self, view: View, cacheable: bool = False) -> View:
        # Only the door plane may write sessions and passwords.
        at_the_door = view in (self.logout, self.password_change)
        seen: Any = csp_replace(_POLICY)(view if at_the_door else _in_staff_plane(view))
        return super().admin_view(seen, cacheable)

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Redirect to the site's one page for changing a password."""
        return redirect("account_change_password")

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Redirect to the site's one sign-in page, which limits guesses. Signed-in users who are no staff get 403."""
        to = request.GET.get("next") or reverse("admin:index")
        if request.user.is_authenticated and not self.has_permission(request):
            raise PermissionDenied
        return redirect_to_login(to)


def _plural(noun: str) -> str:
    if noun in _PLURALS:
        return _PLURALS[noun]
    if noun.endswith("y") and noun[-2] not in "aeiou":
        return f"{noun[:-1]}ies"
    return f"{noun}s"


# The site's own policy with two exceptions for the theme: Alpine evaluates expressions in attributes, and colors are
# in a style element. Scripts are still only files of this site: no inline script runs.
_POLICY = {"script-src": [SELF, UNSAFE_EVAL], "style-src": [SELF, UNSAFE_INLINE]}


def _in_staff_plane(view: View) -> View:
    @wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        with planes.entered(Plane.STAFF, person=request.user.pk):
            if "\0" in request.path:
                raise Http404
            _note(request)
            try:
                response = view(request, *args, **kwargs)
            except (FieldDoesNotExist, ValidationError) as error:
                # Django looks rows up by any field named in `?_to_field=`, and chosen rows by any ids sent.
                raise Http404 from error
            # Render now: Django renders admin pages after the view, when the transaction is in the door plane again.
            if isinstance(response, TemplateResponse):
                response.render()
        return response

    return inner


def _note(request: HttpRequest) -> None:
    """Write an audit entry for every request, with its path and search."""
    audit.note(
        "staff.look" if request.method == "GET" else "staff.act",
        request.path,
        actor_id=request.user.pk,
        data={"query": request.META.get("QUERY_STRING", "")[:500]} if request.GET else {},
    )


def person_of(request: HttpRequest) -> uuid.UUID:
    """Return the id of the member of staff who makes the request. The site lets nobody in who is not signed in."""
    assert request.user.pk is not None
    return request.user.pk


class _ReadOnly:
    """Permissions: everybody who may use the site may view rows; nobody edits one."""

    admin_site: "StaffSite"

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.admin_site.has_permission(request)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnlyAdmin(_ReadOnly, ModelAdmin):
    """Base of all admin pages. Staff may view rows; every change is a separate action, never an edited row."""

    list_per_page = 50
    # Do not count all rows: the ledger has millions.
    show_full_result_count = False
    paginator = InfinitePaginator
    # Columns that may be large, which lists do not read.
    unlisted: ClassVar[tuple[str, ...]] = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)
        return rows.defer(*self.unlisted)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.admin_site.has_permission(request)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Allow the list's own filters only: Django would also filter by columns that this plane may not read."""
        column, _, how = lookup.partition("__")
        named = (one[0] if isinstance(one, tuple) else one for one in self.list_filter)
        own = {getattr(one, "parameter_name", one) for one in named}
        known = {"", "exact", "isnull", "isempty", "in"}
        return column in own and how in known and "\0" not in str(value)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Return the page's own actions, not Django's. Each calls a service and edits no row here."""
        return {name: self.get_action(name) for name in self.actions or ()}


class ReadOnlyInline(_ReadOnly, TabularInline):
    """Rows shown on the page of the row they belong to."""

    extra = 0


site = StaffSite(name="admin")
