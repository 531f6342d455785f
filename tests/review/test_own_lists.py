"""The lists of an annotator's decisions: each once, page by page, with as many statements for many as for few."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from projects.plan.models import Project
from tests.factories import Tenant, make_batch
from tests.people import Annotator
from tests.rejections import rejected
from tests.review.own import answer_of, at, send_back
from tests.routes import row_of

Queries = Callable[[], Any]


def refused(ada: Annotator, tenant: Tenant) -> list[uuid.UUID]:
    """One more answer is rejected, and another one sent back. Returns both."""
    made = [answer_of(ada), answer_of(ada)]
    rejected(made[0], tenant)
    send_back(made[1], tenant)
    return made


@pytest.fixture
def many(workspace_a: Tenant, project: Project, ada: Annotator) -> Callable[[], list[uuid.UUID]]:
    """`many()` adds a rejected and a returned answer."""
    make_batch(project, 10, first=100)
    return lambda: refused(ada, workspace_a)


def test_as_many_statements_for_many_as_for_few(
    ada: Annotator, browser: Client, many: Callable[[], list[uuid.UUID]], queries: Queries
) -> None:
    def counted() -> dict[str, int]:
        found = {}
        for row, ask in (
            (row_of("own_decisions"), lambda: browser.get(at(ada, "decisions"))),
            (row_of("work_home"), lambda: browser.get("/work/")),
            (row_of("earnings"), lambda: browser.get("/earnings/")),
            (row_of("earnings_in"), lambda: browser.get(f"/earnings/{ada.enrollment.pk}/")),
            (row_of("api_own_decisions"), lambda: ada.client.get("/api/v1/desk/decisions/")),
            (row_of("api_earnings"), lambda: ada.client.get("/api/v1/desk/earnings/")),
        ):
            with queries() as seen:
                assert ask().status_code == 200
            assert len(seen) <= row.most, f"{row}: {seen}"
            found[row.name] = len(seen)
        return found

    many()
    few = counted()
    for _ in range(3):
        many()
    assert len(browser.get(at(ada, "decisions")).context["decisions"]) == 8
    assert counted() == few


def test_every_decision_once_the_newest_news_first(
    workspace_a: Tenant,
    ada: Annotator,
    browser: Client,
    many: Callable[[], list[uuid.UUID]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waits = answer_of(ada)
    made = [one for _ in range(3) for one in many()]
    rejected(waits, workspace_a)
    expected = [waits, *reversed(made)]
    monkeypatch.setattr("projects.review.own.decided.PAGE", 2)
    seen, query = [], ""
    while True:
        response = browser.get(at(ada, "decisions") + query)
        seen += [one.id for one in response.context["decisions"]]
        if not response.context["listing"].next_cursor:
            break
        query = response.context["listing"].next_query
    assert seen == expected
    for crafted in ("x", "~", "2026-01-01~x"):
        assert browser.get(at(ada, "decisions"), {"cursor": crafted}).status_code == 404
