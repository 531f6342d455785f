"""A page of items reads as many buffers in a large project as in a small one, whatever the filters."""

from collections.abc import Callable

import pytest
from django.db import connection

from projects.items import metadata
from projects.items.models import Batch
from projects.overview.finding import SCANNED, Filters
from projects.overview.items import items_found
from projects.plan.models import Project
from rlhfhub.devtools.bench import fill
from rlhfhub.tenancy import planes
from tests.factories import Tenant, fund_batch, import_items, make_batch, make_item
from tests.work.test_claim_cost import Buffers

ITEMS = 12_000
# What 51 rows of a page cost by their indexes, each read alone, and what is shown of them.
LIMIT = 600

_ANSWERED = """
    INSERT INTO projects_quality_tally (id, workspace_id, project_id, batch_id, item_id, question, facets, first,
        counted, answers, counted_answers, lead, votes, margin, decided, chose_first, updated_at)
    SELECT gen_random_uuid(), workspace_id, project_id, batch_id, id, 'preference', '{preference@0-1}',
           CASE seq %% 300 WHEN 0 THEN '{{1,0,1}}' WHEN 1 THEN '{{0,2,0}}' ELSE '{{2,0,0}}' END::smallint[],
           CASE seq %% 300 WHEN 0 THEN '{{1,0,1}}' WHEN 1 THEN '{{0,2,0}}' ELSE '{{2,0,0}}' END::smallint[], 2, 2,
           CASE seq %% 300 WHEN 0 THEN NULL WHEN 1 THEN 0 ELSE -1 END, 2, CASE seq %% 300 WHEN 0 THEN 0 ELSE 2 END, 2,
           1, now()
    FROM projects_items_item WHERE project_id = %s
"""


@pytest.fixture
def large(own_database: str, workspace_a: Tenant, project: Project) -> Batch:
    """12,000 funded items: one in 300 is contested, one tied; all but the last 40 have their first slot filled."""
    with planes.in_workspace(workspace_a.pk):
        metadata.declare_keys(project=project, keys=["language"], actor_id=None)
    model = make_batch(project, 0, fund=False)
    languages = [{"language": "de"}, {"language": "en"}, {"language": "en"}]
    import_items(
        model, [make_item(9_000_000 + n, metadata=languages[n]) for n in range(len(languages))]
    )
    batch = make_batch(project, 0)
    connection.ensure_connection()
    fill.items(connection.connection, model=model.pk, batch=batch, count=ITEMS)
    with planes.in_workspace(workspace_a.pk):
        batch.refresh_from_db()
    fund_batch(batch)
    with connection.cursor() as cursor:
        cursor.execute(_ANSWERED, [project.pk])
        cursor.execute("ALTER TABLE projects_work_slot DISABLE TRIGGER USER")
        cursor.execute(
            "UPDATE projects_work_slot SET state = 'filled', holder_id = gen_random_uuid() WHERE number = 1 AND seq <= "
            "(SELECT max(seq) - 40 FROM projects_work_slot)"
        )
        cursor.execute("ALTER TABLE projects_work_slot ENABLE TRIGGER USER")
        cursor.execute(
            "INSERT INTO projects_items_metadatavalue (id, workspace_id, project_id, item_id, key, value) "
            "SELECT gen_random_uuid(), workspace_id, project_id, id, 'language', CASE seq %% 100 WHEN 7 THEN 'cy' "
            "ELSE 'en' END FROM projects_items_item WHERE batch_id = %s",
            [batch.pk],
        )
        cursor.execute("VACUUM ANALYZE")
    return batch


FILTERS = {
    "all": Filters(),
    "prefix": Filters(external_id="item-9"),
    "contested": Filters(show="contested", question="preference"),
    "tied": Filters(show="tied", question="preference"),
    "unanswered": Filters(show="unanswered"),
    "returned": Filters(show="returned"),
    "adjudicated": Filters(show="adjudicated"),
    "metadata": Filters(key="language", value="cy"),
}


@pytest.mark.slow
def test_a_page_reads_no_more_of_a_large_project(large: Batch, project: Project) -> None:
    for name, filters in FILTERS.items():
        read = Buffers()
        with planes.in_workspace(project.workspace_id), connection.execute_wrapper(read):
            found = items_found(project, filters, after="", size=50)
        print(f"{name}: {read.total} buffers, {len(found.lines)} items")
        assert read.total <= LIMIT, (name, read.by_statement)
        for buffers, statement in read.by_statement:
            assert buffers <= 400, (name, buffers, statement)
    assert found.lines


@pytest.mark.slow
def test_filters_together_look_through_a_bounded_number_of_items(
    large: Batch, project: Project
) -> None:
    """No item matches: pages are empty and link to the next page, until the end."""
    filters = Filters(external_id="nothing", key="language", value="en")
    pages, after = 0, ""
    while True:
        with planes.in_workspace(project.workspace_id):
            found = items_found(project, filters, after=after, size=50)
        assert found.lines == []
        pages, after = pages + 1, found.after
        if not after:
            break
    assert pages == ITEMS // SCANNED


def test_the_page_asks_no_more_for_more_items(
    workspace_a: Tenant, batch: Batch, queries: Callable[..., object]
) -> None:
    with planes.in_workspace(workspace_a.pk):
        project = Project.objects.select_related("form").get()
    with planes.in_workspace(workspace_a.pk), queries() as few:  # type: ignore[attr-defined]
        items_found(project, Filters(question="preference"), after="", size=50)
    make_batch(project, 20, first=100)
    with planes.in_workspace(workspace_a.pk), queries() as many:  # type: ignore[attr-defined]
        items_found(project, Filters(question="preference"), after="", size=50)
    assert len(few) == len(many) <= 8, many
