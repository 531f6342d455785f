"""Headers of every URL: nothing is stored by a cache, and no HTML comes without a Content-Security-Policy."""

from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from tests import identities
from tests.row import Row
from tests.security.test_matrix import admin_paths
from tests.security.walk import OWN, Walker
from tests.security.world import World
from tests.urls import urls

pytestmark = pytest.mark.slow

# Different users and requests: the answers differ, their security headers must not.
WHO = (
    (identities.ANONYMOUS, "get"),
    (identities.OWNER, "get"),
    (identities.ANNOTATOR, "get"),
    (identities.STAFF, "get"),
    (identities.KEY, "get"),
    (identities.OWNER, "post"),
    (identities.KEY, "post"),
)


def addresses(walker: Walker) -> list[str]:
    """Every URL of the resolver, with ids of workspace A's, and some that do not exist."""
    found = {"/no/such/page/", "/api/v1/no/such/", "/w/none/", "/admin/none/", "/earnings"}
    names = [name for route, name in urls() if name and not route.startswith("admin/")]
    found |= {walker.path(Row(name, "GET", {}), OWN)[0] for name in names}
    return sorted(found | {path for path, _ in admin_paths(walker.world, {})})


@pytest.mark.parametrize(("who", "method"), WHO)
def test_every_answer_says_how_it_may_be_kept_and_what_it_may_run(
    request: pytest.FixtureRequest, world: World, who: str, method: str
) -> None:
    walker = Walker(world)
    paths = addresses(walker)
    request.getfixturevalue("as_the_site")
    assert len(paths) > 100
    for path in paths:
        answer = _asked(walker.clients[who], method, path)
        where = f"{method} {path} {answer.status_code}"
        assert "no-store" in answer["Cache-Control"], where
        policy = answer.get("Content-Security-Policy", "")
        assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy, where
        assert "'unsafe-inline'" not in policy.partition("script-src")[2].partition(";")[0]
        assert "'unsafe-eval'" not in policy or path.startswith("/admin/"), where
        answer.close()


def _asked(client: Client, method: str, path: str) -> Any:
    with transaction.atomic():
        answer = getattr(client, method)(path)
        transaction.set_rollback(True)
    return answer


def test_the_docs_take_no_parameter_of_their_own(db: None) -> None:
    """Of some the library makes headers."""
    client = Client()
    for path in ("/api/v1/schema/", "/api/v1/docs/"):
        for name in ("version", "lang", "x", "urls.primaryName"):
            for value in ("1", "\n", "\r\nX: y", "\0", "é", '"'):
                answer = client.get(path, {name: value})
                assert (answer.status_code, answer.json()["code"]) == (400, "invalid"), (
                    name,
                    value,
                )
    assert b'"openapi"' in client.get("/api/v1/schema/?format=json").content
    page, script = client.get("/api/v1/docs/"), client.get("/api/v1/docs/?script=")
    assert page["Content-Security-Policy"] == script["Content-Security-Policy"]
    assert b"<style" not in page.content and page.content.count(b"<script") == 3
    assert script["Content-Type"].startswith("application/javascript")
