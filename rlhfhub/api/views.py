"""Bases of REST views: they enter the plane their URL belongs to, and give the handler checked objects."""

from typing import Any, ClassVar

from rest_framework.exceptions import NotAuthenticated, PermissionDenied
from rest_framework.request import Request
from rest_framework.views import APIView

from rlhfhub.api.authentication import Caller
from rlhfhub.tenancy import planes
from rlhfhub.tenancy.planes import Plane, Standing


class _PlaneView(APIView):
    """`scopes` maps each method to the key's scope it needs."""

    scopes: ClassVar[dict[str, str]] = {}

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        planes.enter_for_request(self.standing(request.user), request._request.scope_stack)

    def standing(self, caller: Caller) -> Standing:
        raise PermissionDenied

    def permission_denied(self, request: Request, message: str | None = None, code: str | None = None) -> None:
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
