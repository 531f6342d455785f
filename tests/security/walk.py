"""Sends the request of any row of tests/routes.py as any identity, for ids of any target."""

import re
import uuid
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.test import Client

from tests import identities
from tests.row import Row
from tests.security.world import Side, World
from tests.urls import parameters, path_of

# Targets. `stolen` is the other workspace's own address, its slug included; a `neighbour` works in the same
# project, and `mixed` is one's own enrollment with a neighbour's lease.
OWN, FOREIGN, MISSING, STOLEN, NOWHERE = "own", "foreign", "missing", "stolen", "nowhere"
NEIGHBOURS, MIXED = "neighbour's", "mixed"
NOT_SLUGS = ("slug", "number", "token")


@dataclass
class Answer:
    """A response without the parts that differ every time, and without the ids that were sent."""

    status: int
    body: bytes
    headers: dict[str, str]


class Walker:
    """A client for each identity, and the ids of each target."""

    def __init__(self, world: World) -> None:
        self.world = world
        a = world.a
        self.clients: dict[str, Client] = {
            identities.ANONYMOUS: Client(),
            identities.OWNER: _browser(a.tenant.owner),
            identities.VIEWER: _browser(a.viewer),
            identities.STRANGER: _browser(world.stranger),
            identities.ANNOTATOR: _browser(a.person.user),
            identities.STAFF: _browser(world.staff),
            identities.TOKEN: _bearer(a.person.secret),
            identities.KEY: _bearer(a.tenant.secret),
            identities.READER: _bearer(a.reader_secret),
            identities.OTHER_KEY: _bearer(world.b.tenant.secret),
            identities.REVOKED: _bearer(a.revoked_secret),
        }
        missing = {name: uuid.uuid4() for name in _ids(a)} | {
            "slug": "no-such-place",
            "token": "none",
            "number": 1,
        }
        self.ids: dict[str, dict[str, Any]] = {
            OWN: _ids(a),
            STOLEN: _ids(world.b),
            NOWHERE: missing,
            FOREIGN: _ids(world.b) | {"slug": a.slug},
            MISSING: missing | {"slug": a.slug},
            NEIGHBOURS: _ids(a, 1),
            MIXED: _ids(a) | {"lease_id": a.leases[1]["id"]},
        }

    def ask(self, who: str, row: Row, target: str, *, as_it_came: bool = False) -> Answer:
        """Send the request and roll back what it changed. `as_it_came` keeps the ids in the answer."""
        path, used = self.path(row, target)
        options: dict[str, Any] = {"HTTP_HX_REQUEST": "true"} if row.htmx else {}
        body = row.body(self.world.a) if row.body else None
        used = [] if as_it_came else used
        with transaction.atomic():
            response = self._send(self.clients[who], row, path, body, options)
            answer = Answer(
                response.status_code, _without(_content(response), used), _headers(response, used)
            )
            transaction.set_rollback(True)
        return answer

    def _send(self, client: Client, row: Row, path: str, body: Any, options: dict[str, Any]) -> Any:
        if path.startswith("/api/") and row.method != "GET":
            return client.generic(row.method, path, _json(body), "application/json", **options)
        send = getattr(client, row.method.lower())
        return send(path, body or {}, **options) if row.method == "POST" else send(path, **options)

    def path(self, row: Row, target: str) -> tuple[str, list[str]]:
        """Return the row's path for this target, and the ids in it."""
        ids = self.ids[target]
        names = parameters(row.name)
        values = {name: ids[row.ids.get(name, name)] for name in names}
        return path_of(row.name, values), [str(v) for v in values.values()]


def has_ids(row: Row) -> bool:
    """Return whether the URL holds an id besides the workspace's."""
    return any(name not in NOT_SLUGS for name in parameters(row.name))


def _ids(side: Side, person: int = 0) -> dict[str, Any]:
    enrollment = side.annotators[person].enrollment.pk
    return side.ids() | {
        "enrollment": enrollment,
        "enrollment_id": enrollment,
        "lease_id": side.leases[person]["id"],
        "rejected": side.rejected[person],
        "returned": side.returned[person],
        # In allauth's links; they belong to nobody here.
        "key": "x",
        "uidb36": "1",
        "endpoint": "platform",
    }


def _browser(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def _bearer(secret: str) -> Client:
    return Client(headers={"Authorization": f"Bearer {secret}"})


def _json(body: Any) -> bytes:
    from rlhfhub.ground.json_out import dumps

    return b"" if body is None else dumps(body)


def _content(response: Any) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else bytes(response.content)


_EVERY_TIME = (
    rb'nonce="[^"]*"',
    rb'name="csrfmiddlewaretoken" value="[^"]*"',
    rb'"X-CSRFToken": "[^"]*"',
)
_HEADERS_EVERY_TIME = {"Content-Security-Policy", "Set-Cookie", "X-Request-Id", "Date"}


def without_what_changes(body: bytes) -> bytes:
    """Return the page without nonces and form tokens."""
    for pattern in _EVERY_TIME:
        body = re.sub(pattern, b"", body)
    return body


def _without(body: bytes, used: list[str]) -> bytes:
    body = without_what_changes(body)
    for value in used:
        body = body.replace(value.encode(), b"ID")
    return body


def _headers(response: Any, used: list[str]) -> dict[str, str]:
    found = {k: v for k, v in response.items() if k not in _HEADERS_EVERY_TIME}
    for value in used:
        found = {k: v.replace(value, "ID") for k, v in found.items()}
    # The length of the path, which the page repeats, changes the length of the page.
    found.pop("Content-Length", None)
    return found
