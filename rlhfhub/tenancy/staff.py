"""The staff's site at /admin/: it stands in the staff plane, notes every look, and changes next to nothing."""

from collections.abc import Callable
from functools import wraps
from typing import Any, ClassVar

from csp.constants import SELF, UNSAFE_EVAL, UNSAFE_INLINE
from csp.decorators import csp_replace
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import FieldDoesNotExist, PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from unfold.admin import ModelAdmin, TabularInline
from unfold.paginator import InfinitePaginator
from unfold.sites import UnfoldAdminSite

from rlhfhub.tenancy import audit, planes
from rlhfhub.tenancy.planes import Plane

View = Callable[..., HttpResponse]
_PLURALS = {"Batchs": "Batches", "Audit entrys": "Audit entries", "Fundings": "Funding runs"}


class StaffSite(UnfoldAdminSite):
    """Django's admin for members of staff. Who they are is asked at the door, what they see in the staff plane."""

    site_url = "/"
    index_title = "Overview"

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._warnings: list[Callable[[], list[str]]] = []

    def warn_of(self, source: Callable[[], list[str]]) -> None:
        """From a room's ready(): what `source` says, in words, stands above the overview."""
        self._warnings.append(source)

    def get_app_list(
        self, request: HttpRequest, app_label: str | None = None
    ) -> list[dict[str, Any]]:
        """The rooms by their own names: `billing_ledger` is "Ledger"."""
        apps: list[dict[str, Any]] = super().get_app_list(request, app_label)
        for app in apps:
            app["name"] = app["app_label"].partition("_")[2].capitalize()
            for model in app["models"]:
                model["name"] = _PLURALS.get(str(model["name"]), model["name"])
        return apps

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        """The overview, under what staff should look at first."""
        for source in self._warnings:
            for words in source():
                messages.error(request, words)
        return super().index(request, extra_context)

    def admin_view(self, view: View, cacheable: bool = False) -> View:
        # Sessions and passwords are the door's: no other plane may write them.
        at_the_door = view in (self.logout, self.password_change)
        seen: Any = csp_replace(_POLICY)(view if at_the_door else _in_staff_plane(view))
        return super().admin_view(seen, cacheable)

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """There is one page to change one's password."""
        return redirect("account_change_password")

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """There is one sign-in page, with one limit on guesses; whoever is signed in and not staff gets 403."""
        to = request.GET.get("next") or reverse("admin:index")
        if request.user.is_authenticated and not self.has_permission(request):
            raise PermissionDenied
        return redirect_to_login(to)


# The site's own policy, but for what the theme needs: Alpine evaluates the expressions in its attributes, and
# colors stand in a style element. Scripts are files of ours alone: nothing inline runs.
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
                # Django looks up whatever field `?_to_field=` names, and chosen rows by whatever ids are sent.
                raise Http404 from error
            # Django renders admin pages after the view; by then we stand at the door again.
            if isinstance(response, TemplateResponse):
                response.render()
        return response

    return inner


def _note(request: HttpRequest) -> None:
    """Every look and every act, with what was looked for."""
    audit.note(
        "staff.look" if request.method == "GET" else "staff.act",
        request.path,
        actor_id=request.user.pk,
        data={"query": request.META.get("QUERY_STRING", "")[:500]} if request.GET else {},
    )


class _ReadOnly:
    """Whoever may see the site may look; nobody edits a row."""

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
    """Staff may look. What may be done is a verb of its own, never an edited row."""

    list_per_page = 50
    # The ledger has millions of rows; no page counts them.
    show_full_result_count = False
    paginator = InfinitePaginator
    # Columns that may be large: a list does not read them.
    unlisted: ClassVar[tuple[str, ...]] = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)
        return rows.defer(*self.unlisted)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.admin_site.has_permission(request)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """By the list's own filters alone: Django would also filter by columns that this plane may not read."""
        column, _, how = lookup.partition("__")
        own = {name for name in self.list_filter if isinstance(name, str)}
        return column in own and how in {"", "exact", "isnull", "in"} and "\0" not in str(value)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        return {}


class ReadOnlyInline(_ReadOnly, TabularInline):
    """Rows that hang on another."""

    extra = 0


site = StaffSite(name="admin")
