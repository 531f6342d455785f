"""No page of an unpaid project shows an amount of money."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.urls import NoReverseMatch

from projects.items.services import Plan
from projects.review.samples import services as samples
from projects.work.models import Annotation
from rlhfhub.tenancy import planes
from tests import people
from tests.calibration import made as calibration
from tests.factories import Tenant, make_batch
from tests.pages.conftest import browser_of
from tests.people import Annotator
from tests.rejections import appealed, decide, rejected
from tests.review.own import answer_of, page_of, send_back
from tests.routes import PAGES
from tests.urls import path_of

#: The workspace's own money, which other projects spend, and what its members do to have some.
ABOUT_MONEY = {"bonus", "top_up", "project_price"}
AMOUNT = re.compile(r"[$€£] ?\d|\d ?(USD|EUR)\b|\b(unpaid|free) balance|on hold|\bfees?\b")


@pytest.fixture
def ids(workspace_a: Tenant, deliver: Callable[[], int]) -> dict[str, Any]:
    """An unpaid project with calibration and answers in every state, for each parameter of an address."""
    project = calibration.make_asking_project(workspace_a, access="members")
    calibration.make_pool(project, 2 * calibration.ITEMS)
    opened = calibration.open_round(project)
    ada, ben = (people.make_annotator(project, name) for name in ("Ada", "Ben"))
    for one in (ada, ben):
        calibration.answer(one, calibration.right)
    deliver()
    batch = make_batch(project, 8, first=1000, plan=Plan(overlap=2, share_percent=0))
    answers = [answer_of(ada) for _ in range(6)]
    [answer_of(ben) for _ in range(3)]
    for one in answers[:3]:
        rejected(one, workspace_a)
    for one in answers[:2]:
        appealed(one, workspace_a, ada.user.pk)
    decide(answers[0], broken=True)
    send_back(answers[3], workspace_a)
    deliver()
    with planes.in_workspace(workspace_a.pk, workspace_a.owner.pk):
        check = samples.draw(
            batch=batch,
            enrollment=None,
            bound_percent=30,
            confidence_percent=80,
            member_id=workspace_a.owner.pk,
        )
        item_id = Annotation.objects.get(pk=answers[1]).item_id
    return {
        "slug": workspace_a.workspace.slug,
        "project_id": project.pk,
        "batch_id": batch.pk,
        "item_id": item_id,
        "annotation_id": answers[0],
        "answers": answers,
        "sample_id": check.pk,
        "round_id": opened.pk,
        "pseudonym": ada.enrollment.pseudonym,
        "enrollment_id": ada.enrollment.pk,
        "ada": ada,
    }


def _is_of_project(path: str) -> bool:
    """Return whether a path is about the project, or about an annotator who works in no other."""
    return bool(re.search(r"/[0-9a-f-]{36}/", path) or path.startswith(("/work/", "/earnings/")))


def test_no_page_of_an_unpaid_project_speaks_of_an_amount(
    workspace_a: Tenant, ids: dict[str, Any]
) -> None:
    ada: Annotator = ids["ada"]
    browsers = {"owner": browser_of(workspace_a.owner), "annotator": browser_of(ada.user)}
    found, seen = [], set()
    for row in PAGES:
        if row.method != "GET" or row.name in ABOUT_MONEY:
            continue
        for annotation_id in ids["answers"]:
            try:
                path = path_of(row.name, ids | {"annotation_id": annotation_id})
            except (KeyError, NoReverseMatch):
                break
            if path in seen or not _is_of_project(path):
                continue
            seen.add(path)
            for who, browser in browsers.items():
                page = browser.get(path)
                if page.status_code != 200 or "html" not in page["Content-Type"]:
                    continue
                text = page_of(page)
                found += [
                    f"{row.name} ({who}): …{text[max(0, hit.start() - 60) : hit.end() + 40]}…"
                    for hit in AMOUNT.finditer(text)
                ]
    assert len(seen) > 40
    assert found == [], "\n".join(found)
