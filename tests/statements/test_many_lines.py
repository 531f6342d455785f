"""A page of earnings costs the same with 500 lines as with 5,000."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from billing.accruals import services as accruals
from billing.statements.line_files import CHUNK
from projects.items import services as batches
from projects.plan.models import Project
from projects.work.models import Annotation
from rlhfhub.devtools.bench import fill
from rlhfhub.tenancy import planes
from tests import people
from tests.factories import Tenant, fund_batch, make_batch
from tests.pages.conftest import browser_of
from tests.people import Annotator
from tests.work.test_claim_cost import Buffers, answer_all

pytestmark = pytest.mark.slow
FEW, MANY = 500, 5_000


@pytest.fixture
def people_with_lines(
    own_database: str, workspace_a: Tenant, project: Project
) -> tuple[Annotator, Annotator]:
    """Two annotators with 500 and 5,000 accepted answers, one an hour, all booked."""
    model = make_batch(project, 3, fund=False, first=1_000_000)
    batch = make_batch(project, 0, plan=batches.Plan(2, share_percent=0))
    connection.ensure_connection()
    fill.items(connection.connection, model=model.pk, batch=batch, count=MANY)
    fund_batch(batch)
    with planes.in_workspace(batch.workspace_id):
        batch = batches.open_batch(batch=batch, actor_id=None)
    made = people.make_annotator(project, "Few"), people.make_annotator(project, "Many")
    for number, (annotator, count) in enumerate(zip(made, (FEW, MANY), strict=True), 1):
        answer_all(batch, annotator, number=number, count=count)
    _spread()
    _book()
    fill.vacuum(connection.connection)
    return made


def _spread() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE projects_work_annotation DISABLE TRIGGER USER")
        cursor.execute(
            "UPDATE projects_work_annotation a SET submitted_at = a.submitted_at - make_interval(hours => n.n::int) "
            "FROM (SELECT id, row_number() OVER (PARTITION BY enrollment_id) AS n FROM projects_work_annotation) n "
            "WHERE n.id = a.id"
        )
        cursor.execute("ALTER TABLE projects_work_annotation ENABLE TRIGGER USER")


def _book() -> None:
    with planes.as_system():
        ids = list(Annotation.objects.values_list("pk", flat=True))
    for first in range(0, len(ids), 500):
        with planes.as_system():
            accruals.accrue(annotation_ids=ids[first : first + 500])


def cost(browser: Client, path: str) -> tuple[int, Buffers]:
    """How many statements a page sends, and the buffers that they read."""
    seen = Buffers()
    with connection.execute_wrapper(seen):
        assert browser.get(path).status_code == 200
    return len(seen.by_statement), seen


def test_a_page_costs_the_same_for_many_lines(
    people_with_lines: tuple[Annotator, Annotator],
) -> None:
    few, many = (browser_of(one.user) for one in people_with_lines)
    for page in ("first", "second"):  # which hold lines of other numbers of days, by the hour
        at_few, at_many = (_path(browser, page) for browser in (few, many))
        statements, reference = cost(few, at_few)
        assert (seen := cost(many, at_many))[0] == statements
        assert seen[1].total <= reference.total * 1.3, (
            reference.by_statement,
            seen[1].by_statement,
        )


def _path(browser: Client, page: str) -> str:
    listing = browser.get("/earnings/").context["listing"]
    return "/earnings/" if page == "first" else f"/earnings/{listing.next_query}"


def test_the_file_reads_a_thousand_lines_by_two_statements(
    people_with_lines: tuple[Annotator, Annotator], queries: Callable[[], Any]
) -> None:
    sent = {}
    for one, count in zip(people_with_lines, (FEW, MANY), strict=True):
        browser = browser_of(one.user)
        with queries() as seen:
            body = b"".join(browser.get("/earnings/lines.csv"))
        assert body.count(b"\n") == count + 1
        sent[count] = len(seen)
    assert sent[MANY] - sent[FEW] == 2 * MANY // CHUNK
