"""What rooms add to the head of every whole page for the person signed in, such as the number of unread notices."""

import uuid
from collections.abc import Callable
from typing import Any

from django.db import connection
from django.http import HttpRequest
from django.template.response import TemplateResponse

from rlhfhub.tenancy import planes
from rlhfhub.tenancy.planes import Plane

_Read = Callable[[uuid.UUID], Any]
_registered: dict[str, _Read] = {}


def register(name: str, read: _Read) -> None:
    """Show what `read` returns for a person as `topbar.<name>`. Called from an AppConfig's ready().

    It runs in the door plane for every page with the site's head, so it must be one cheap statement.
    """
    _registered[name] = read


def fill(request: HttpRequest, response: TemplateResponse) -> None:
    """Add `topbar` to the context of a page with the site's head, if somebody is signed in."""
    person = request.user.pk
    is_wanted = getattr(response, "has_topbar", False) and not connection.needs_rollback
    if person is None or not is_wanted or planes.standing().plane is not Plane.DOOR:
        return
    response.context_data = {
        **(response.context_data or {}),
        "topbar": {name: read(person) for name, read in _registered.items()},
    }
