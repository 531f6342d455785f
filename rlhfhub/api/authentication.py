"""`Authorization: Bearer rlh_…`: the door plane looks up the key at every request, so revocation is instant."""

import uuid
from dataclasses import dataclass
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed, NotAuthenticated, PermissionDenied
from rest_framework.request import Request

from rlhfhub.tenancy import planes, prepared
from rlhfhub.tenancy.services import KEY_PREFIX, digest


@dataclass(frozen=True, slots=True)
class Caller:
    """The caller of a request: a workspace's key, or an annotator's desk key when `annotator_id` is set."""

    key_id: uuid.UUID
    workspace_id: uuid.UUID
    annotator_id: uuid.UUID | None
    created_by_id: uuid.UUID
    scopes: tuple[str, ...]
    is_authenticated: bool = True

    @property
    def pk(self) -> uuid.UUID:
        return self.key_id

    @property
    def person_id(self) -> uuid.UUID:
        """The annotator of a desk key. A workspace key has none."""
        if self.annotator_id is None:
            raise PermissionDenied
        return self.annotator_id


def caller_of(request: Request) -> Caller:
    """Return the caller of a request that the permissions let through."""
    caller: Any = request.user
    if not isinstance(caller, Caller):
        raise NotAuthenticated
    return caller


class ApiKeyAuthentication(BaseAuthentication):
    """Authenticates by API key and enters the key's plane. Cookies are never read here."""

    def authenticate(self, request: Request) -> tuple[Caller, None] | None:
        header = request.headers.get("Authorization", "")
        if not header:
            return None
        scheme, _, secret = header.partition(" ")
        if scheme.lower() != "bearer" or not secret.startswith(KEY_PREFIX) or len(secret) > 100:
            raise AuthenticationFailed("Send the API key as: Authorization: Bearer rlh_…")
        row = planes.enter_by_key(digest(secret), request._request.scope_stack)  # type: ignore[attr-defined]
        if row is None:
            raise AuthenticationFailed("This API key is unknown, expired or revoked.")
        if row[5]:
            prepared.run("SELECT door_api_key_used(%s)", [row[0]])
        return Caller(row[0], row[1], row[2], row[3], tuple(row[4])), None

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class _Scheme(OpenApiAuthenticationExtension):
    target_class = ApiKeyAuthentication
    name = "apiKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}
