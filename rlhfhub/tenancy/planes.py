"""Planes: whose eyes a transaction looks with.

One function enters a plane: `SET LOCAL ROLE` to the plane's database role, and the settings that its
policies read. All of it ends with the transaction. Which plane a request gets is said by its URL
(the view's decorator), never by its user.
"""

import uuid
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from django.db import connection, transaction
from django_scopes import scope, scopes_disabled
from psycopg.pq import TransactionStatus

from rlhfhub.tenancy import prepared


class Plane(StrEnum):
    DOOR = "door"
    WORKSPACE = "workspace"
    ANNOTATOR = "annotator"
    SYSTEM = "system"
    STAFF = "staff"
    # Owns the door's functions and a few triggers; no login may become it.
    KEEPER = "keeper"

    @property
    def role(self) -> str:
        return f"rlhfhub_{self.value}"


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a transaction stands: its plane and the ids its policies compare with."""

    plane: Plane | None = None
    workspace: uuid.UUID | None = None
    person: uuid.UUID | None = None
    project: uuid.UUID | None = None

    def sql(self, *, first: bool) -> str:
        """The statements that bring one here; `first` of a transaction, nothing has been set yet."""
        role = f"SET LOCAL ROLE {self.plane.role}" if self.plane else "RESET ROLE"
        ids = {"workspace": self.workspace, "person": self.person, "project": self.project}
        # Ids are UUIDs by type, so they can stand in the text: SET takes no parameters.
        settings = (
            f"SET LOCAL rlhfhub.{name} = '{value or ''}'"
            for name, value in ids.items()
            if value or not first
        )
        return "; ".join((role, *settings))


_OUTSIDE = Standing()
_begin: ContextVar[str] = ContextVar("_begin", default="BEGIN")


@contextmanager
def statements_within(seconds: int) -> Iterator[None]:
    """In transactions that begin inside the block the database ends a statement after so many seconds.

    Elsewhere the login's own limit holds. It goes with the transaction, so that no pooler hands it on.
    """
    before = _begin.set(f"BEGIN; SET LOCAL statement_timeout = '{seconds:d}s'")
    try:
        yield
    finally:
        _begin.reset(before)


def standing() -> Standing:
    """The present standing of this connection's transaction."""
    return getattr(connection, "rlhfhub_standing", _OUTSIDE)


def _stand(where: Standing) -> None:
    for value in (where.workspace, where.person, where.project):
        if value is not None and not isinstance(value, uuid.UUID):
            raise TypeError("a standing takes UUIDs")
    first = prepared.is_first()
    sql = where.sql(first=first)
    prepared.send(f"{_begin.get()}; {sql}" if first else sql)
    connection.rlhfhub_standing = where  # type: ignore[attr-defined]


@contextmanager
def entered(
    plane: Plane,
    *,
    workspace: uuid.UUID | None = None,
    person: uuid.UUID | None = None,
    project: uuid.UUID | None = None,
) -> Iterator[None]:
    """Look with `plane`'s eyes inside the block; stand as before after it.

    Outside a transaction it opens one. Inside a request's (which stands at the door) it joins without
    a savepoint; inside any other it makes a savepoint.
    """
    where = Standing(plane, workspace, person, project)
    if not connection.in_atomic_block:
        with transaction.atomic(), _standing_at(where, back_to=None):
            yield
    elif standing().plane is Plane.DOOR:
        with _standing_at(where, back_to=standing()):
            yield
    else:
        with transaction.atomic(), _standing_at(where, back_to=standing()):
            yield


@contextmanager
def _standing_at(where: Standing, back_to: Standing | None) -> Iterator[None]:
    try:
        _stand(where)
        with _scope(where.plane, where.workspace):
            yield
    finally:
        connection.rlhfhub_standing = back_to or _OUTSIDE  # type: ignore[attr-defined]
        # After an error nothing can be set: the rollback, of a savepoint too, sets the role back.
        if back_to is not None and not _broken():
            _stand(back_to)


def _broken() -> bool:
    raw = connection.connection
    return (
        connection.needs_rollback
        or raw is None
        or raw.info.transaction_status == TransactionStatus.INERROR
    )


_BY_KEY = """
    SELECT k.id, k.workspace_id, k.annotator_id, k.created_by_id, k.scopes,
           COALESCE(k.last_used_at < clock_timestamp() - interval '1 minute', true),
           set_config('rlhfhub.workspace', k.workspace_id::text, true),
           set_config('rlhfhub.person', COALESCE(k.annotator_id, k.created_by_id)::text, true),
           set_config('rlhfhub.project', '', true),
           set_config('role', CASE WHEN k.annotator_id IS NULL THEN %(workspace)s ELSE %(annotator)s END, true)
    FROM door_api_key(%(digest)s) k
"""


def enter_by_key(digest: str, stack: ExitStack) -> tuple[Any, ...] | None:
    """From the door into the plane of an API key, in the statement that looks it up; `stack` closes the scope.

    A desk key's is the annotator plane, any other's the workspace plane. Returns (id, workspace_id,
    annotator_id, created_by_id, scopes, whether its last noted use is over a minute ago), or None for a key that does
    not hold: then one stands at the door as before.
    """
    row = prepared.one(
        _BY_KEY,
        {
            "digest": digest,
            "workspace": Plane.WORKSPACE.role,
            "annotator": Plane.ANNOTATOR.role,
        },
    )
    if row is None:
        return None
    plane = Plane.ANNOTATOR if row[2] else Plane.WORKSPACE
    where = Standing(plane, workspace=row[1], person=row[2] or row[3])
    connection.rlhfhub_standing = where  # type: ignore[attr-defined]
    stack.enter_context(_scope(where.plane, where.workspace))
    return row


def _scope(plane: Plane | None, workspace: uuid.UUID | None) -> AbstractContextManager[None]:
    if plane in {Plane.WORKSPACE, Plane.ANNOTATOR} and workspace is not None:
        return scope(workspace=workspace)
    if plane in {Plane.SYSTEM, Plane.STAFF}:
        return scope(workspace=workspace) if workspace else scopes_disabled()
    return scope()


def in_workspace(
    workspace: uuid.UUID, person: uuid.UUID | None = None
) -> AbstractContextManager[None]:
    """The workspace plane of one tenant. `person` is who acts there; a job, which nobody makes, has none."""
    return entered(Plane.WORKSPACE, workspace=workspace, person=person)


def at_desk(
    person: uuid.UUID, workspace: uuid.UUID | None = None, project: uuid.UUID | None = None
) -> AbstractContextManager[None]:
    """The annotator plane of one person, in one workspace where given."""
    return entered(Plane.ANNOTATOR, person=person, workspace=workspace, project=project)


def at_door() -> AbstractContextManager[None]:
    """The door plane: before a workspace is known."""
    return entered(Plane.DOOR)


def as_system(workspace: uuid.UUID | None = None) -> AbstractContextManager[None]:
    """The system plane: sweeps and claims over all workspaces, or handlers for one of them."""
    return entered(Plane.SYSTEM, workspace=workspace)


def narrow_to_project(project: uuid.UUID) -> None:
    """From here on, the annotator plane sees the open slots of `project` as well."""
    _stand(replace(standing(), project=project))
