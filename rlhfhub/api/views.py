"""Base classes of REST views: they enter the plane that the URL belongs to and pass checked objects to the handler."""

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
    """Return a function that fetches a row by its id, with `related` rows, and raises Http404 if there is none."""

    def fetch(pk: Any) -> Any:
        rows = model._default_manager.all()
        return get_object_or_404(rows.select_related(*related) if related else rows, pk=pk)

    return fetch


@contextmanager
def at_door(request: Request) -> Iterator[None]:
    """Open a transaction in a view that manages its own. The plane that the key enters ends with it."""
    inner: Any = request._request
    outer = inner.scope_stack
    with planes.at_door(), ExitStack() as stack:
        inner.scope_stack = stack
        try:
            yield
        finally:
            inner.scope_stack = outer


def open_at_door(request: Request) -> None:
    """Open the single transaction of such a view's other methods; the middleware ends it."""
    request._request.scope_stack.enter_context(planes.at_door())  # type: ignore[attr-defined]


class _PlaneView(TakesQuery, APIView):
    """A REST view whose handlers run in `plane`. `scopes` maps each method to the scope that its key needs.

    `queries` maps methods to the query parameters they take; handlers find the checked parameters in `query`.

    `finds` maps each id in the URL to a function that fetches its object in the plane. Handlers get the object; one
    that this plane does not see gives 404, as one that does not exist.
    """

    http_method_names = ["get", "post", "put", "patch", "delete", "head"]
    plane: ClassVar[Plane]
    scopes: ClassVar[dict[str, str]] = {}
    finds: ClassVar[dict[str, Callable[[Any], Any]]] = {}

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        if request.method not in self.allowed_methods:
            raise MethodNotAllowed(str(request.method))
        super().initial(request, *args, **kwargs)
        # Authentication has entered the key's own plane. The URL decides which plane is required.
        if planes.standing().plane is not self.plane:
            raise PermissionDenied
        self.query = self.query_of(request.method).read(request.query_params)
        self.find()

    def find(self) -> None:
        """Replace the ids from the URL by their objects."""
        for name, fetch in self.finds.items():
            self.kwargs[name] = fetch(self.kwargs[name])

    def permission_denied(
        self, request: Request, message: str | None = None, code: str | None = None
    ) -> Never:
        if not isinstance(request.user, Caller):
            raise NotAuthenticated("Send an API key: Authorization: Bearer rlh_…")
        raise PermissionDenied(message)


class WorkspaceAPIView(_PlaneView):
    """A view in the workspace plane of the key. A desk key has no scope here."""

    plane = Plane.WORKSPACE


class DeskAPIView(_PlaneView):
    """A view in the annotator plane of the desk key's annotator, in the key's workspace."""

    plane = Plane.ANNOTATOR
    scopes: ClassVar[dict[str, str]] = {"GET": "desk", "POST": "desk", "PUT": "desk"}
