"""`Idempotency-Key`: the answer is stored inside the effect's transaction.

The unique index serialises twins: the second waits for the first's commit and gets its answer. The same key
with another body is 422. Errors are not stored: their transaction is rolled back.
"""

import hashlib
import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any

import orjson
from django.db import OperationalError, connection
from psycopg.errors import LockNotAvailable
from psycopg.types.json import Jsonb
from rest_framework.request import Request
from rest_framework.response import Response

from rlhfhub.api.authentication import caller_of
from rlhfhub.api.models import IdempotencyKey
from rlhfhub.ground.ids import uuid7
from rlhfhub.ground.json_out import dumps
from rlhfhub.ground.refusals import Refused, invalid
from rlhfhub.tenancy import prepared

HEADER = "Idempotency-Key"
_CLAIM = """
    INSERT INTO rlhfhub_api_idempotencykey (id, workspace_id, actor_id, route, key, body_sha256, created_at)
    VALUES (%s, %s, %s, %s, %s, %s, clock_timestamp()) ON CONFLICT DO NOTHING
"""


def claim(
    *, workspace_id: uuid.UUID, actor_id: uuid.UUID, route: str, key: str, body_sha256: str
) -> IdempotencyKey | None:
    """None: the key is ours, go on and `keep` the answer. Otherwise the earlier answer. Raises Refused (422)."""
    if not key.isprintable() or len(key) > 255:
        raise invalid(HEADER, "1 to 255 printable characters")
    with connection.cursor() as cursor:
        try:
            cursor.execute(
                _CLAIM,
                [uuid7(), workspace_id, actor_id, route[:200], key, body_sha256],
            )
        except OperationalError as error:
            if isinstance(error.__cause__, LockNotAvailable):
                raise Refused(
                    "in_progress", "The same request is being worked on.", status=409
                ) from error
            raise
        if cursor.rowcount:
            return None
    earlier = IdempotencyKey.objects.get(actor_id=actor_id, route=route[:200], key=key)
    if earlier.body_sha256 != body_sha256:
        raise Refused("key_reused", "This Idempotency-Key was used with another body.", status=422)
    return earlier


def is_known(*, actor_id: uuid.UUID, route: str, key: str) -> bool:
    """Whether the key has an answer already."""
    return IdempotencyKey.objects.filter(actor_id=actor_id, route=route[:200], key=key).exists()


def replay(earlier: IdempotencyKey) -> Response:
    """The earlier answer, marked as such."""
    return Response(earlier.answer, status=earlier.status, headers={"Idempotent-Replayed": "true"})


def keep(*, actor_id: uuid.UUID, route: str, key: str, status: int, answer: Any) -> None:
    """Store the answer beside its effect."""
    prepared.run(
        "UPDATE rlhfhub_api_idempotencykey SET status = %s, answer = %s "
        "WHERE actor_id = %s AND route = %s AND key = %s",
        [status, Jsonb(orjson.loads(dumps(answer))), actor_id, route[:200], key],
    )


def idempotent(handler: Callable[..., Response]) -> Callable[..., Response]:
    """Decorates a workspace view's POST; the schema shows it by `is_idempotent`."""

    @wraps(handler)
    def inner(view: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        key = request.headers.get(HEADER)
        if not key:
            return handler(view, request, *args, **kwargs)
        caller, route = caller_of(request), request.path
        body = hashlib.sha256(dumps(request.data)).hexdigest()
        earlier = claim(
            workspace_id=caller.workspace_id,
            actor_id=caller.key_id,
            route=route,
            key=key,
            body_sha256=body,
        )
        if earlier is not None:
            return replay(earlier)
        response = handler(view, request, *args, **kwargs)
        if response.status_code < 400:
            keep(
                actor_id=caller.key_id,
                route=route,
                key=key,
                status=response.status_code,
                answer=response.data,
            )
        return response

    inner.is_idempotent = True  # type: ignore[attr-defined]
    return inner
