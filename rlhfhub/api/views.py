"""Bases of REST views: they enter the plane their URL belongs to, and give the handler checked objects."""

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any, ClassVar, Never

from django.db.models import Model
from django.shortcuts import get_object_or_404
from rest_framework.exceptions import NotAuthenticated, PermissionDenied
from rest_framework.request import Request
from rest_framework.views import APIView

from rlhfhub.api.authentication import Caller, caller_of
from rlhfhub.tenancy import planes
from rlhfhub.tenancy.planes import Plane, Standing


def by_id(model: type[Model], *related: str) -> Callable[[Any], Any]:
    """Fetches a row by its id, with `related` rows, or raises Http404."""

    def fetch(pk: Any) -> Any:
        rows = model._default_manager.all()
        return get_object_or_404(rows.select_related(*related) if related else rows, pk=pk)

    return fetch


def scope_stack(request: Request) -> ExitStack:
    """Closed by the middleware when the request is over."""
    stack: ExitStack = request._request.scope_stack  # type: ignore[attr-defined]
    return stack


class _PlaneView(APIView):
    """`scopes` maps each method to the key's scope it needs.

    `finds` maps each id in the URL to what fetches its object, in the plane: handlers get the object, and
    what this plane does not see is 404 as what does not exist.
    """

    scopes: ClassVar[dict[str, str]] = {}
    finds: ClassVar[dict[str, Callable[[Any], Any]]] = {}

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        planes.enter_for_request(self.standing(caller_of(request)), scope_stack(request))
        self.find()

    def find(self) -> None:
        """Ids in the URL become objects."""
        for name, fetch in self.finds.items():
            self.kwargs[name] = fetch(self.kwargs[name])

    def standing(self, caller: Caller) -> Standing:
        raise PermissionDenied

    def permission_denied(
        self, request: Request, message: str | None = None, code: str | None = None
    ) -> Never:
        if not isinstance(request.user, Caller):
            raise NotAuthenticated("Send an API key: Authorization: Bearer rlh_…")
        raise PermissionDenied(message)


class WorkspaceAPIView(_PlaneView):
    """In the workspace plane of the key. A desk key has no scope here."""

    def standing(self, caller: Caller) -> Standing:
        return Standing(Plane.WORKSPACE, workspace=caller.workspace_id)


class DeskAPIView(_PlaneView):
    """In the annotator plane of the desk key's annotator, in the key's workspace."""

    scopes: ClassVar[dict[str, str]] = {"GET": "desk", "POST": "desk", "PUT": "desk"}

    def standing(self, caller: Caller) -> Standing:
        return Standing(Plane.ANNOTATOR, workspace=caller.workspace_id, person=caller.annotator_id)
