"""What a view declares of itself: which plane it stands in. Handlers receive checked objects, never raw ids."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponseBase

from rlhfhub.tenancy import planes
from rlhfhub.tenancy.models import User, Workspace
from rlhfhub.tenancy.roles import Capability, may

View = Callable[..., HttpResponseBase]


class Member:
    """Who looks at a workspace's page: the user, their role, the workspace."""

    def __init__(self, user: User, role: str, workspace: Workspace) -> None:
        self.user, self.role, self.workspace = user, role, workspace

    def may(self, capability: Capability) -> bool:
        """Whether their role has `capability`."""
        return may(self.role, capability)


class PersonRequest(HttpRequest):
    """The request of somebody signed in."""

    user: User


class MemberRequest(PersonRequest):
    """The request of a member, in their workspace's plane."""

    member: Member


def unscoped(view: View) -> View:
    """The view opens its own transactions, or none."""
    view.manages_scope = True  # type: ignore[attr-defined]
    return view


def signed_in(view: View) -> View:
    """At the door, for a user who has signed in."""

    @wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        return view(request, *args, **kwargs)

    return inner


@contextmanager
def as_member(request: HttpRequest, slug: str, capability: Capability) -> Iterator[Member]:
    """From the door into the workspace plane of `slug`, for somebody signed in who is a member with `capability`.

    A stranger gets 404 as for a workspace that does not exist; a member who may not, 403.
    """
    user = _user(request)
    with connection.cursor() as cursor:
        cursor.execute("SELECT workspace_id, role FROM door_membership(%s, %s)", [user.pk, slug])
        row = cursor.fetchone()
    if row is None:
        raise Http404
    with planes.in_workspace(row[0], user.pk):
        member = Member(user, row[1], Workspace.objects.get(pk=row[0]))
        if not member.may(capability):
            raise PermissionDenied
        request.member = member  # type: ignore[attr-defined]
        yield member


def workspace_view(capability: Capability) -> Callable[[View], View]:
    """The workspace plane of the URL's slug, for members with `capability`. The view gets `request.member`."""

    def decorate(view: View) -> View:
        @wraps(view)
        def inner(request: HttpRequest, slug: str, **kwargs: Any) -> HttpResponseBase:
            with as_member(request, slug, capability):
                return view(request, **kwargs)

        return signed_in(inner)

    return decorate


def desk_view(view: View) -> View:
    """The annotator plane through the URL's enrollment; somebody else's is 404. Gets `request.enrollment_row`."""

    @wraps(view)
    def inner(request: HttpRequest, enrollment_id: Any, **kwargs: Any) -> HttpResponseBase:
        user = _user(request)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT workspace_id, project_id FROM door_place(%s, %s, NULL)",
                [user.pk, enrollment_id],
            )
            row = cursor.fetchone()
        if row is None:
            raise Http404
        with planes.at_desk(user.pk, row[0], row[1]):
            return view(request, enrollment_id=enrollment_id, **kwargs)

    return signed_in(inner)


def _user(request: HttpRequest) -> User:
    user = request.user
    if not isinstance(user, User):  # forces the lazy object at the door, where users can be read
        raise PermissionDenied
    return user
