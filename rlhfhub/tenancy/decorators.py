"""Decorators by which a view declares its plane. Handlers receive checked objects, never raw ids."""

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
    """The member who requests a workspace's page: the user, their role, the workspace."""

    def __init__(self, user: User, role: str, workspace: Workspace) -> None:
        self.user, self.role, self.workspace = user, role, workspace

    def may(self, capability: Capability) -> bool:
        """Return whether the member's role has `capability`."""
        return may(self.role, capability)


class PersonRequest(HttpRequest):
    """A request of a signed-in user."""

    user: User


class MemberRequest(PersonRequest):
    """A request of a member, in the workspace plane."""

    member: Member


def unscoped(view: View) -> View:
    """Mark a view that opens its own transactions or needs none."""
    view.manages_scope = True  # type: ignore[attr-defined]
    return view


def signed_in(view: View) -> View:
    """Run the view in the door plane for signed-in users; send others to the sign-in page."""

    @wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        return view(request, *args, **kwargs)

    return inner


@contextmanager
def as_member(request: HttpRequest, slug: str, capability: Capability) -> Iterator[Member]:
    """Enter the workspace plane of `slug` from the door plane, for a signed-in member with `capability`.

    Raises: Http404 for others than members, as for a workspace that does not exist; PermissionDenied for a member
        without `capability`.
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
    """Run the view in the workspace plane of the URL's slug, for members with `capability`. Sets `request.member`."""

    def decorate(view: View) -> View:
        @wraps(view)
        def inner(request: HttpRequest, slug: str, **kwargs: Any) -> HttpResponseBase:
            with as_member(request, slug, capability):
                return view(request, **kwargs)

        return signed_in(inner)

    return decorate


def desk_view(view: View) -> View:
    """Run the view in the annotator plane of the URL's enrollment. Another person's enrollment gives 404."""
    return desk_view_or(_nothing)(view)


def desk_view_or(closed: View) -> Callable[[View], View]:
    """Run the view as `desk_view` does, and `closed` in the door plane for an enrollment that the person cannot open.

    That is another person's, or one in a project for members whose annotator is no member any more: `closed` must tell
    them apart.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def inner(request: HttpRequest, enrollment_id: Any, **kwargs: Any) -> HttpResponseBase:
            user = _user(request)
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT workspace_id, project_id FROM door_own_enrollment(%s, %s, NULL)",
                    [user.pk, enrollment_id],
                )
                row = cursor.fetchone()
            if row is None:
                return closed(request, enrollment_id=enrollment_id, **kwargs)
            with planes.at_desk(user.pk, row[0], row[1]):
                return view(request, enrollment_id=enrollment_id, **kwargs)

        return signed_in(inner)

    return decorate


def _nothing(*_: Any, **__: Any) -> HttpResponseBase:
    raise Http404


def _user(request: HttpRequest) -> User:
    user = request.user
    if not isinstance(user, User):  # loads the lazy user in the door plane, which may read it
        raise PermissionDenied
    return user
