"""Planes: which database role a transaction uses, and so which rows it sees.

One function enters a plane: it executes `SET LOCAL ROLE` for the plane's database role and sets the settings that
policies read. Both end with the transaction. A request's plane follows from its URL (the view's decorator), never from
its user.
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
    # Owns the door functions and a few trigger functions; no login may become it.
    KEEPER = "keeper"

    @property
    def role(self) -> str:
        return f"rlhfhub_{self.value}"


@dataclass(frozen=True, slots=True)
class Standing:
    """The plane of a transaction, and the ids that its policies compare with."""

    plane: Plane | None = None
    workspace: uuid.UUID | None = None
    person: uuid.UUID | None = None
    project: uuid.UUID | None = None

    def sql(self, *, first: bool) -> str:
        """Return the statements that enter this standing. If `first` in a transaction, nothing has been set yet."""
        role = f"SET LOCAL ROLE {self.plane.role}" if self.plane else "RESET ROLE"
        ids = {"workspace": self.workspace, "person": self.person, "project": self.project}
        # SET takes no parameters. The ids are UUIDs by type, so they are safe in the statement's text.
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
    """Let the database cancel statements after so many seconds, in transactions that begin inside the block.

    Other transactions have the limit of their login. The setting ends with the transaction, so that no pooler passes
    it on to another client.
    """
    before = _begin.set(f"BEGIN; SET LOCAL statement_timeout = '{seconds:d}s'")
    try:
        yield
    finally:
        _begin.reset(before)


def standing() -> Standing:
    """Return the standing of this connection's current transaction."""
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
    """Enter `plane` inside the block, and return to the previous standing after it.

    Outside a transaction this opens one. In a request's transaction, which begins in the door plane, it makes no
    savepoint; in any other transaction it makes one.
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
        # After an error no statement can run. The rollback, also one to a savepoint, resets the role.
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
           set_config('rlhfhub.program', CASE WHEN k.annotator_id IS NULL THEN '' ELSE 'on' END, true),
           set_config('role', CASE WHEN k.annotator_id IS NULL THEN %(workspace)s ELSE %(annotator)s END, true)
    FROM door_api_key(%(digest)s) k
"""


def enter_by_key(digest: str, stack: ExitStack) -> tuple[Any, ...] | None:
    """Enter the plane of an API key from the door plane, in the same statement that looks it up.

    The setting `rlhfhub.program` is then "on" for an annotator's key: some projects take no answers by program.
    A desk key enters the annotator plane, any other key the workspace plane. `stack` closes the scope.

    Returns: (id, workspace_id, annotator_id, created_by_id, scopes, whether its last noted use is over a minute ago);
        None for a key that does not work, and then the door plane remains.
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
    """Enter the workspace plane of one workspace. `person` is who acts there; background work has none."""
    return entered(Plane.WORKSPACE, workspace=workspace, person=person)


def at_desk(
    person: uuid.UUID, workspace: uuid.UUID | None = None, project: uuid.UUID | None = None
) -> AbstractContextManager[None]:
    """Enter the annotator plane of one person, in one workspace if given."""
    return entered(Plane.ANNOTATOR, person=person, workspace=workspace, project=project)


def at_door() -> AbstractContextManager[None]:
    """Enter the door plane, which is used before a workspace is known."""
    return entered(Plane.DOOR)


def as_system(workspace: uuid.UUID | None = None) -> AbstractContextManager[None]:
    """Enter the system plane: for background work over all workspaces, or for handlers of one of them."""
    return entered(Plane.SYSTEM, workspace=workspace)


def narrow_to_project(project: uuid.UUID) -> None:
    """Let the annotator plane also see the open slots of `project`, for the rest of the transaction."""
    _stand(replace(standing(), project=project))
