"""A cache that refuses connections or hangs fails and delays no request: each process then counts by itself."""

import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.cache import cache
from django.test import Client

from projects.items.models import Batch
from projects.plan.models import Project
from rlhfhub.tenancy import planes
from tests import people
from tests.factories import Tenant
from tests.pages.conftest import HTMX, browser_of
from tests.people import Annotator, client_for

LOGIN, SIGNUP, RESET = "/accounts/login/", "/accounts/signup/", "/accounts/password/reset/"


@pytest.fixture(params=["away", "hangs"], autouse=True)
def silent(request: pytest.FixtureRequest, settings: Any) -> Iterator[None]:
    """A cache address that refuses connections, or a server that never answers."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        if request.param == "hangs":
            listener.listen(200)
        url = f"redis://127.0.0.1:{listener.getsockname()[1]}/0"
        settings.CACHES = {
            "default": {"BACKEND": "rlhfhub.shared_cache.SharedCache", "LOCATION": url}
        }
        settings.WEB_WORKERS = 8
        yield
        cache.clear()


def sign_in(email: str, password: str = people.PASSWORD, **options: Any) -> Any:
    return browser_of(**options).post(LOGIN, {"login": email, "password": password})


def test_a_process_keeps_small_values_to_itself_and_drops_large_ones() -> None:
    cache.set("small", [1.5])
    cache.set("large", "x" * 10_000)
    assert (cache.get("small"), cache.get("large")) == ([1.5], None)
    assert (cache.add("small", 0), cache.add("count", 0), cache.incr("count")) == (False, True, 1)


def test_rest_goes_on(settings: Any, workspace_a: Tenant, project: Project) -> None:
    settings.THROTTLES = dict.fromkeys(settings.THROTTLES, "2/minute")
    path = f"/api/v1/projects/{project.pk}/exports/"
    assert [workspace_a.client.post(path, {}).status_code for _ in range(3)] == [202, 202, 429]
    strangers = client_for("rlh_" + "x" * 32)
    assert [strangers.get(path).status_code for _ in range(3)] == [401, 401, 429]


def test_people_sign_in_sign_up_and_reset_within_a_second(
    workspace_a: Tenant, django_capture_on_commit_callbacks: Any
) -> None:
    email = workspace_a.owner.email
    with planes.at_door():
        EmailAddress.objects.create(user=workspace_a.owner, email=email, verified=True)
    password = "Correct-Horse-77-battery"
    new = {
        "side": "work",
        "email": "new@people.example",
        "password1": password,
        "password2": password,
    }
    began = time.monotonic()
    assert sign_in(email)["Location"] == "/"
    assert (
        time.monotonic() - began < 3
    )  # 0.2 s of it wait for the cache; the rest is a busy machine
    with django_capture_on_commit_callbacks(execute=True):
        assert browser_of().post(SIGNUP, new)["Location"] == "/accounts/confirm-email/"
        assert browser_of().post(RESET, {"email": email}).status_code == 302
    assert time.monotonic() - began < 6
    assert sorted(m.to[0] for m in mail.outbox) == sorted([email, "new@people.example"])


def test_guesses_are_limited_lower_than_with_the_cache(database: None) -> None:
    """Two of a pair for each process, three of an address: all eight together allow 16 and 24."""
    tries = [sign_in("somebody@people.example", "wrong").status_code for _ in range(3)]
    assert tries == [200, 200, 429]
    others = [sign_in(f"{n}@people.example", "wrong").status_code for n in range(3)]
    assert others == [200, 429, 429]
    assert sign_in("x@people.example", "wrong", REMOTE_ADDR="192.0.2.9").status_code == 200


def test_resets_and_new_accounts_are_limited_lower_too(database: None) -> None:
    resets = [browser_of().post(RESET, {"email": f"{n}@x.example"}) for n in range(4)]
    assert [response.status_code for response in resets] == [302, 302, 302, 429]
    assert resets[-1]["Retry-After"] == "60"
    assert [browser_of().post(SIGNUP, {}).status_code for _ in range(3)] == [200, 200, 429]


@pytest.mark.slow
def test_members_watch(
    owner: Client, addresses: dict[str, str], batch: Batch, annotators: list[Annotator]
) -> None:
    lease = annotators[0].lease()
    assert lease and annotators[0].submit(lease).status_code == 201
    seen = {name: owner.get(path, **HTMX).status_code for name, path in addresses.items()}
    assert seen == dict.fromkeys(addresses, 200)
