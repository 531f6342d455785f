"""A cache that is away, or hangs, fails no request. Only signing in waits for it: guesses must be counted."""

import socket
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from projects.items.models import Batch
from projects.plan.models import Project
from tests import people
from tests.factories import Tenant
from tests.pages.conftest import HTMX, browser_of
from tests.people import Annotator, client_for


@pytest.fixture(params=["away", "hangs"], autouse=True)
def silent(request: pytest.FixtureRequest, settings: Any) -> Iterator[None]:
    """Nobody listens at the cache's address, or somebody who never answers."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        if request.param == "hangs":
            listener.listen(200)
        url = f"redis://127.0.0.1:{listener.getsockname()[1]}/0"
        options = {**settings.SHARED_CACHE["OPTIONS"], "SOCKET_TIMEOUT": 0.1}
        settings.CACHES = {
            "default": {**settings.SHARED_CACHE, "OPTIONS": options, "LOCATION": url}
        }
        yield


def test_nothing_is_kept() -> None:
    cache.set("key", 1)
    assert cache.get("key") is None


def test_rest_goes_on(settings: Any, workspace_a: Tenant, project: Project) -> None:
    settings.THROTTLES = dict.fromkeys(settings.THROTTLES, "2/minute")
    path = f"/api/v1/projects/{project.pk}/exports/"
    assert [workspace_a.client.post(path, {}).status_code for _ in range(4)] == [202] * 4
    strangers = client_for("rlh_" + "x" * 32)
    assert {strangers.get(path).status_code for _ in range(4)} == {401}


def test_nobody_signs_in_uncounted(database: None) -> None:
    form = {"login": "nobody@people.example", "password": people.PASSWORD}
    assert browser_of().post("/accounts/login/", form).status_code == 429


def test_members_watch(
    owner: Client, addresses: dict[str, str], batch: Batch, annotators: list[Annotator]
) -> None:
    lease = annotators[0].lease()
    assert lease and annotators[0].submit(lease).status_code == 201
    seen = {name: owner.get(path, **HTMX).status_code for name, path in addresses.items()}
    assert seen == dict.fromkeys(addresses, 200)
