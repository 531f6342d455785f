"""Pages are rendered when their transaction is over, and hold no more than a browser can show."""

import html
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.test.signals import template_rendered
from django.urls import reverse
from django.utils.html import strip_tags

from projects.items import services as batches
from projects.items.keys import services as keys
from projects.plan.models import Project
from projects.review import selectors
from projects.review.selectors import Message, beginning_of, first_lines
from projects.work import views as work_views
from projects.work.models import Annotation, Lease
from rlhfhub.events import dispatch
from rlhfhub.tenancy import planes
from rlhfhub.tenancy.models import User
from rlhfhub.web.pages import Page
from tests import people
from tests.calibration import made as calibration
from tests.factories import Tenant, fund_batch, import_items, make_batch, make_item
from tests.pages.conftest import HTMX, browser_of
from tests.rejections import reject
from tests.web.hostile_markdown import filled

TEXTS_SHOWN = {
    "annotators/profiles/terms.html",
    "projects/calibration/feedback.html",
    "projects/enrollment/guideline.html",
    "projects/enrollment/listing.html",
    "projects/items/_prompt.html",
    "projects/items/_responses.html",
    "projects/plan/guidelines.html",
    "projects/review/_answer.html",
    "projects/review/queue/_item.html",
    "projects/review/own/_decision.html",
    "projects/work/_guideline.html",
    "projects/work/_shown_prompt.html",
    "projects/work/_shown_responses.html",
}


@pytest.fixture
def rendered() -> Iterator[dict[str, bool]]:
    """The templates rendered so far, by name: whether a transaction was ever open meanwhile."""
    seen: dict[str, bool] = {}

    def note(template: Any, **_: Any) -> None:
        seen[template.name] = seen.get(template.name, False) or connection.in_atomic_block

    template_rendered.connect(note)
    yield seen
    template_rendered.disconnect(note)


def work_on(project: Project, item: dict[str, Any]) -> tuple[people.Annotator, Client, str]:
    """A batch of this item three times, open; an annotator, their browser, and the path of their desk."""
    batch = make_batch(project, 0)
    import_items(batch, [item | {"external_id": f"{n}"} for n in range(3)])
    fund_batch(batch)
    with planes.in_workspace(project.workspace_id):
        batch.refresh_from_db()
        batches.open_batch(batch=batch, actor_id=None)
    ada = people.make_annotator(project)
    return ada, browser_of(ada.user), f"/work/{ada.enrollment.pk}/"


def answer(ada: people.Annotator) -> None:
    """What is leased, answered."""
    lease = ada.lease()
    assert lease and ada.submit(lease).status_code == 201


def long_item(text: str) -> dict[str, Any]:
    """An item near the greatest size."""
    messages = [{"role": "user", "content": text[:99_000]} for _ in range(8)]
    return make_item(1, prompt=messages, responses=[{"text": f"a {text[:90_000]}"}, {"text": "b"}])


def test_texts_are_rendered_by_these_templates_alone() -> None:
    folder = Path(settings.BASE_DIR, "templates")
    found = {
        str(path.relative_to(folder))
        for path in folder.rglob("*.html")
        if re.search("user_markdown|both_views", path.read_text())
    }
    assert found == TEXTS_SHOWN


def calibrated(tenant: Tenant) -> tuple[str, User]:
    """The address of the answers of somebody who passed a calibration round, and who it is."""
    project = calibration.make_asking_project(tenant)
    calibration.make_pool(project, 2 * calibration.ITEMS)
    calibration.open_round(project, seats=2)
    annotator = people.make_annotator(project)
    calibration.answer(annotator, calibration.right)
    dispatch.drain()
    return f"/work/{annotator.enrollment.pk}/calibration/", annotator.user


@pytest.mark.slow
def test_no_page_is_rendered_inside_a_transaction(
    own_database: str,
    workspace_a: Tenant,
    project: Project,
    rendered: dict[str, bool],
) -> None:
    ada, browser, desk = work_on(project, make_item(1))
    answer(ada)
    with planes.in_workspace(project.workspace_id):
        [annotation] = Annotation.objects.all()
        right = {"preference": {"choice": "0"}}
        keyed = keys.pick(item=annotation.item, answer=right, by="Ann", actor_id=None)
    owner = browser_of(workspace_a.owner)
    address = reverse("keyed_item", args=[workspace_a.workspace.slug, keyed.pk])
    assert owner.get(address).status_code == 200
    root = f"/w/{workspace_a.workspace.slug}/"
    mine = f"{root}projects/{project.pk}/"
    review = [f"{mine}review/", f"{mine}review/{annotation.pk}/"]
    for path in (root, f"{root}members/", f"{root}keys/", f"{root}money/", mine, *review):
        assert owner.get(path).status_code == 200, path
    item = f"{root}items/{annotation.item_id}/"
    for path in (f"{mine}guidelines/", item, f"{mine}exports/", f"{root}projects/new/", "/"):
        assert owner.get(path).status_code == 200, path
    for path in ("/work/", reverse("earnings"), "/work/tokens/", f"{desk}guideline/", desk):
        assert browser.get(path).status_code == 200, path
    assert browser.get(desk, headers={"HX-Request": "true"}).status_code == 200
    newcomer = browser_of(people.make_user("Newcomer"))
    for path in (reverse("listing", args=[project.pk]), reverse("terms")):
        assert newcomer.get(path).status_code == 200, path
    with planes.in_workspace(project.workspace_id, workspace_a.owner.pk):
        reject(annotation.pk, workspace_a)
    assert browser.get(f"{desk}decisions/").status_code == 200
    feedback, judged = calibrated(workspace_a)
    assert browser_of(judged).get(feedback).status_code == 200
    assert set(rendered) >= TEXTS_SHOWN
    assert not [name for name, inside in rendered.items() if inside]


def test_a_page_that_refuses_undoes_what_was_done_before_it_is_rendered(
    own_database: str, project: Project, rendered: dict[str, bool]
) -> None:
    """422 with the lease's page: nothing of the request is stored, and no transaction is open meanwhile."""
    _, browser, desk = work_on(project, make_item(1))
    browser.get(desk)
    with planes.in_workspace(project.workspace_id):
        [lease] = Lease.objects.all()
    rendered.clear()
    wrong = browser.post(f"{desk}leases/{lease.pk}/submit/", {"preference": "nonsense"}, **HTMX)
    assert wrong.status_code == 422
    assert rendered and not any(rendered.values())
    with planes.in_workspace(project.workspace_id):
        assert not Annotation.objects.exists()


def test_a_template_that_asks_the_database_is_told_so(
    project: Project, batch: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = people.make_annotator(project)

    def lazy(request: HttpRequest, *_: Any, **__: Any) -> HttpResponse:
        return Page(request, "base.html", {"workspace": User.objects.all})

    monkeypatch.setattr(work_views, "_show_next", lazy)
    with pytest.raises(RuntimeError, match="asks the database"):
        browser_of(ada.user).get(f"/work/{ada.enrollment.pk}/")


@pytest.mark.parametrize("text", ["![" * 49_500, "> " * 49_500, "*a_ " * 24_000, "(&" * 49_500])
def test_the_desk_shows_all_of_a_hostile_item(project: Project, text: str) -> None:
    _, browser, desk = work_on(project, long_item(text))
    began = time.thread_time()
    page = browser.get(desk)
    took = time.thread_time() - began
    assert page.status_code == 200
    shown = html.unescape(strip_tags(page.content.decode()))
    pieces = min(text.count(text[:2]) * 8, 8 * 24_000)
    assert shown.count(text[:2]) >= pieces
    # Its rendering has half a second; the rest is the work of a page of a mebibyte.
    assert took < 2


def test_a_page_of_reviews_shortens_long_answers_and_shows_each_whole_by_itself(
    project: Project, owner: Client, workspace_a: Tenant
) -> None:
    ada, _, _ = work_on(project, long_item(filled("word ", 99_000)))
    for _ in range(3):
        answer(ada)
    queue = reverse("review", args=[workspace_a.workspace.slug, project.pk])
    page = owner.get(queue).content.decode()
    assert page.count("Shortened: show all") == 3
    assert len(page) < 3 * 30_000 + 60_000
    [path, *_] = re.findall(rf'href="({re.escape(queue)}[0-9a-f-]{{36}}/)"', page)
    whole = owner.get(path).content.decode()
    assert whole.count("word ") > 8 * 19_000
    assert "Shortened" not in whole
    assert f'action="{path}accept/"' in whole


def test_short_answers_are_not_shortened(
    project: Project, owner: Client, workspace_a: Tenant
) -> None:
    ada, _, _ = work_on(project, make_item(1))
    answer(ada)
    page = owner.get(reverse("review", args=[workspace_a.workspace.slug, project.pk]))
    assert "Question 1?" in page.content.decode()
    assert "Shortened" not in page.content.decode()


def test_the_beginning_of_many_messages_is_bounded_too() -> None:
    turns = [Message("assistant", "x" * 100)] * 1_000
    short = beginning_of([Message("user", "")] * 1_000, selectors.PROMPT_CHARS)
    assert len(short) <= selectors.PROMPT_CHARS // 80
    shown = [message.content for message in beginning_of(turns, selectors.RESPONSES_CHARS)]
    assert sum(map(len, shown)) <= 2 * selectors.RESPONSES_CHARS
    lines = first_lines(["r" * 1_500] * 50, selectors.SUMMARY_CHARS)
    assert sum(map(len, lines)) == selectors.SUMMARY_CHARS
