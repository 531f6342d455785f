"""Bases of REST views: they enter the plane their URL belongs to, and give the handler checked objects."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, ClassVar, Never

from django.db.models import Model
from django.shortcuts import get_object_or_404
from rest_framework.exceptions import MethodNotAllowed, NotAuthenticated, PermissionDenied
from rest_framework.request import Request
from rest_framework.views import APIView

from rlhfhub.api.authentication import Caller
from rlhfhub.api.queries import TakesQuery
from rlhfhub.tenancy import planes
from rlhfhub.tenancy.planes import Plane


def by_id(model: type[Model], *related: str) -> Callable[[Any], Any]:
    """Fetches a row by its id, with `related` rows, or raises Http404."""

    def fetch(pk: Any) -> Any:
        rows = model._default_manager.all()
        return get_object_or_404(rows.select_related(*related) if related else rows, pk=pk)

    return fetch


@contextmanager
def at_door(request: Request) -> Iterator[None]:
    """A transaction of a view that opens its own. What its key enters ends with it."""
    inner: Any = request._request
    outer = inner.scope_stack
    with planes.at_door(), ExitStack() as stack:
        inner.scope_stack = stack
        try:
            yield
        finally:
            inner.scope_stack = outer


def open_at_door(request: Request) -> None:
    """The one transaction of such a view's other methods; the middleware ends it."""
    request._request.scope_stack.enter_context(planes.at_door())  # type: ignore[attr-defined]


class _PlaneView(TakesQuery, APIView):
    """`plane` is where the handler stands. `scopes` maps each method to the key's scope it needs.

    `queries` maps methods to the query parameters they take; handlers find them, checked, in `query`.

    `finds` maps each id in the URL to what fetches its object, in the plane: handlers get the object, and
    what this plane does not see is 404 as what does not exist.
    """

    http_method_names = ["get", "post", "put", "patch", "delete", "head"]
    plane: ClassVar[Plane]
    scopes: ClassVar[dict[str, str]] = {}
    finds: ClassVar[dict[str, Callable[[Any], Any]]] = {}

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        if request.method not in self.allowed_methods:
            raise MethodNotAllowed(str(request.method))
        super().initial(request, *args, **kwargs)
        # The key has brought the request into its own plane; which one it must be, the URL says.
        if planes.standing().plane is not self.plane:
            raise PermissionDenied
        self.query = self.query_of(request.method).read(request.query_params)
        self.find()

    def find(self) -> None:
        """Ids in the URL become objects."""
        for name, fetch in self.finds.items():
            self.kwargs[name] = fetch(self.kwargs[name])

    def permission_denied(
        self, request: Request, message: str | None = None, code: str | None = None
    ) -> Never:
        if not isinstance(request.user, Caller):
            raise NotAuthenticated("Send an API key: Authorization: Bearer rlh_…")
        raise PermissionDenied(message)


class WorkspaceAPIView(_PlaneView):
    """In the workspace plane of the key. A desk key has no scope here."""

    plane = Plane.WORKSPACE


class DeskAPIView(_PlaneView):
    """In the annotator plane of the desk key's annotator, in the key's workspace."""

    plane = Plane.ANNOTATOR
    scopes: ClassVar[dict[str, str]] = {"GET": "desk", "POST": "desk", "PUT": "desk"}
