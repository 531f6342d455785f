"""The key decides the plane of a request; views of another plane refuse it, whatever its scopes."""

from typing import ClassVar

import pytest
from django.conf import LazySettings
from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from rlhfhub.api.views import DeskAPIView, WorkspaceAPIView
from rlhfhub.tenancy import planes
from tests.factories import Tenant
from tests.people import Annotator


class _Where:
    """Returns the plane that the view runs in."""

    # Both kinds of keys come past the check of scopes.
    scopes: ClassVar[dict[str, str]] = {"GET": "desk", "POST": "read"}

    def get(self, request: Request) -> Response:
        return Response(planes.standing().plane.name)

    post = get


class OfWorkspace(_Where, WorkspaceAPIView):
    pass


class OfDesk(_Where, DeskAPIView):
    pass


urlpatterns = [
    path("api/v1/of-workspace/", OfWorkspace.as_view()),
    path("api/v1/of-desk/", OfDesk.as_view()),
]


@pytest.fixture(autouse=True)
def mixed_up(settings: LazySettings) -> None:
    settings.ROOT_URLCONF = __name__


def test_a_desk_key_stands_at_desks_alone(annotators: list[Annotator]) -> None:
    client = annotators[0].client
    assert client.get("/api/v1/of-desk/").json() == "ANNOTATOR"
    assert client.get("/api/v1/of-workspace/").status_code == 403


def test_an_integrators_key_stands_in_workspaces_alone(workspace_a: Tenant) -> None:
    client = workspace_a.client
    assert client.post("/api/v1/of-workspace/").json() == "WORKSPACE"
    assert client.post("/api/v1/of-desk/").status_code == 403
