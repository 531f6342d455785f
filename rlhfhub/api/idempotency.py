"""`Idempotency-Key`: the response is stored in the same transaction as its effect. Every use goes through `once`.

A unique index serializes concurrent requests with the same key: the second waits until the first commits and gets its
response. The same key with another body gives 422. Errors are not stored: their transaction is rolled back.
"""

import hashlib
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


def once(request: Request, body_sha256: str, act: Callable[[], Response]) -> Response:
    """Run `act` at most once for this caller, route and key. Without the header, just run it.

    Returns: the response of `act`, or the stored first response, marked as a repetition.
    Raises: Refused when the key came with another body before (422), or when its first request still runs (409).
    """
    key = request.headers.get(HEADER)
    if not key:
        return act()
    earlier = _claim(request, key, body_sha256)
    if earlier is not None:
        headers = {"Idempotent-Replayed": "true"}
        return Response(earlier.answer, status=earlier.status, headers=headers)
    response = act()
    if response.status_code < 400:
        _keep(request, key, response)
    return response


def is_answered(request: Request) -> bool:
    """Return whether a response to the request's key is stored. False without a key."""
    key = request.headers.get(HEADER)
    return bool(key) and IdempotencyKey.objects.filter(**_sender(request), key=key).exists()


def idempotent(handler: Callable[..., Response]) -> Callable[..., Response]:
    """Decorate a workspace view's POST with `once`. The schema recognizes it by `is_idempotent`."""

    @wraps(handler)
    def inner(view: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        body = hashlib.sha256(dumps(request.data)).hexdigest()
        return once(request, body, lambda: handler(view, request, *args, **kwargs))

    inner.is_idempotent = True  # type: ignore[attr-defined]
    return inner


def _sender(request: Request) -> dict[str, Any]:
    """Return the actor and the route within which a key is unique."""
    return {"actor_id": caller_of(request).key_id, "route": request.path[:200]}


def _claim(request: Request, key: str, body_sha256: str) -> IdempotencyKey | None:
    """Claim the key for this request. Returns None when it is claimed, else the row of the earlier response."""
    if not key.isprintable() or len(key) > 255:
        raise invalid(HEADER, "1 to 255 printable characters")
    caller, sender = caller_of(request), _sender(request)
    row = [uuid7(), caller.workspace_id, *sender.values(), key, body_sha256]
    with connection.cursor() as cursor:
        try:
            cursor.execute(_CLAIM, row)
        except OperationalError as error:
            if isinstance(error.__cause__, LockNotAvailable):
                raise Refused(
                    "in_progress", "The same request is being worked on.", status=409
                ) from error
            raise
        if cursor.rowcount:
            return None
    earlier = IdempotencyKey.objects.get(**sender, key=key)
    if earlier.body_sha256 != body_sha256:
        raise Refused("key_reused", "This Idempotency-Key was used with another body.", status=422)
    return earlier


def _keep(request: Request, key: str, response: Response) -> None:
    """Store the response in the transaction of its effect."""
    answer = Jsonb(orjson.loads(dumps(response.data)))
    prepared.run(
        "UPDATE rlhfhub_api_idempotencykey SET status = %s, answer = %s "
        "WHERE actor_id = %s AND route = %s AND key = %s",
        [response.status_code, answer, *_sender(request).values(), key],
    )
