"""What a key may do: each view names the scope that a method needs; a method without a scope is refused to all."""

from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from rlhfhub.api.authentication import Caller


class HasScope(BasePermission):
    message = "This API key may not do that."

    def has_permission(self, request: Request, view: Any) -> bool:
        needed = getattr(view, "scopes", {}).get(
            "GET" if request.method == "HEAD" else request.method
        )
        caller = request.user
        return isinstance(caller, Caller) and needed is not None and needed in caller.scopes
