"""The pages of an annotator's statement: lines by day, one answer, years, and CSV files."""

import csv
import io
import random
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from billing.statements.files import safe
from projects.plan.models import Project
from projects.review.services import accepting
from rlhfhub.tenancy import clock, planes
from tests import people
from tests.factories import Tenant, make_batch, make_project
from tests.pages.conftest import browser_of
from tests.people import Annotator
from tests.rejections import rejected
from tests.review.own import answer_of, page_of
from tests.statements.histories import History

PATH = "/earnings/"


@pytest.fixture
def ada(workspace_a: Tenant) -> Annotator:
    project = make_project(workspace_a, name="Essays", overlap=1)
    make_batch(project, 9)
    return people.make_annotator(project, "Ada")


@pytest.fixture
def browser(ada: Annotator) -> Client:
    return browser_of(ada.user)


def rows_of(response: Any) -> list[dict[str, str]]:
    assert response["Content-Disposition"].startswith("attachment")
    return list(csv.DictReader(io.StringIO(b"".join(response).decode())))


def accept(answer: uuid.UUID, tenant: Tenant) -> None:
    with planes.in_workspace(tenant.pk):
        accepting.accept(annotation_ids=[answer], reviewer_id=tenant.owner.pk)


def test_a_line_says_price_decision_and_money(
    workspace_a: Tenant, ada: Annotator, browser: Client, deliver: Callable[[], int]
) -> None:
    waits, paid = answer_of(ada), answer_of(ada)
    accept(paid, workspace_a)
    deliver()
    page = browser.get(PATH)
    [day] = page.context["days"]
    assert [(one.id, one.shares[0].money, one.price_version) for one in day.lines] == [
        (paid, "payable", 1),
        (waits, "review", 1),
    ]
    text = page_of(page)
    assert "2 lines: $0.50 submitted, $0.25 accepted, $0.25 waiting" in text
    assert "accepted by a reviewer" in text and "version 1, of" in text
    assert "We cannot send you money yet" in text


def test_each_line_leads_to_its_answer(
    workspace_a: Tenant, ada: Annotator, browser: Client, deliver: Callable[[], int]
) -> None:
    answer = answer_of(ada, 0, "It names its source.")
    path = f"{PATH}answers/{answer}/"
    assert path in browser.get(PATH).content.decode()
    text = page_of(browser.get(path))
    assert "It names its source." in text and "Booked for you" not in text
    accept(answer, workspace_a)
    deliver()
    text = page_of(browser.get(path))
    assert "Owed to you since" in text and "accepted by a reviewer" in text


def test_a_rejected_line_leads_to_the_decision(
    workspace_a: Tenant, ada: Annotator, browser: Client
) -> None:
    answer = answer_of(ada)
    rejected(answer, workspace_a)
    decision = f"/work/{ada.enrollment.pk}/decisions/{answer}/"
    for path in (PATH, f"{PATH}answers/{answer}/"):
        assert decision in browser.get(path).content.decode()


def test_anothers_answer_is_missing(ada: Annotator, project: Project) -> None:
    answer = answer_of(ada)
    ben = browser_of(people.make_annotator(project, "Ben").user)
    assert ben.get(f"{PATH}answers/{answer}/").status_code == 404
    assert ben.get(f"{PATH}answers/{uuid.uuid4()}/").status_code == 404
    assert ben.get(PATH).context["days"] == []


def test_unpaid_work_is_in_no_statement(workspace_a: Tenant) -> None:
    project = make_project(workspace_a, access="members")
    make_batch(project, 2)
    member = people.make_member(workspace_a.workspace)
    one = people.make_annotator(project, user=member)
    answer_of(one)
    page = browser_of(member).get(PATH)
    assert (page.context["days"], page.context["stages"]) == ([], [])
    assert "Nothing earned yet" in page_of(page)


def test_the_file_has_every_line_once(database: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("billing.statements.line_files.CHUNK", 4)
    history = History(random.Random(3))
    history.run(50)
    browser = browser_of(history.user)
    rows = rows_of(browser.get(f"{PATH}lines.csv"))
    on_page = [one for day in browser.get(PATH).context["days"] for one in day.lines]
    shares = [(one, share) for one in on_page for share in one.shares]
    assert len(shares) > len(on_page), "a line is in two payouts"
    for row, (one, share) in zip(rows, shares, strict=True):
        assert row["line"] == str(one.id)
        assert (int(row["amount_minor"]), row["currency"]) == (share.amount_minor, "USD")
        assert row["amount"] == f"{share.amount_minor / 100:.2f}"
        assert row["submitted_at"].endswith("Z")
        assert row["payout"] == (str(share.payout.id) if share.payout else "")


def test_the_file_of_a_year_adds_up(database: None) -> None:
    history = History(random.Random(5))
    history.run(50)
    browser = browser_of(history.user)
    year = clock.now().year
    assert str(year) in page_of(browser.get(f"{PATH}years/"))
    rows = rows_of(browser.get(f"{PATH}years.csv", {"year": year}))
    parts = [int(row["amount_minor"]) for row in rows if row["what"] in ("answers", "bonuses")]
    [earned] = [int(row["amount_minor"]) for row in rows if row["what"] == "earned in all"]
    assert sum(parts) == earned > 0
    for wrong in (year - 1, year + 1, "x", f"0{year}"):
        for path in (f"{PATH}years/", f"{PATH}years.csv"):
            assert browser.get(path, {"year": wrong}).status_code == 404


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
def test_a_spreadsheet_takes_no_text_for_a_formula(text: str) -> None:
    assert safe(text) == f"'{text}"
    assert (safe("a=1"), safe(-5), safe(None)) == ("a=1", -5, None)


def test_a_projects_name_is_no_formula_in_the_file(workspace_a: Tenant) -> None:
    project = make_project(workspace_a, name="=HYPERLINK(1)", overlap=1)
    make_batch(project, 1)
    one = people.make_annotator(project)
    answer_of(one)
    [row] = rows_of(browser_of(one.user).get(f"{PATH}lines.csv"))
    assert row["project"] == "'=HYPERLINK(1)"


def test_a_forged_cursor_is_missing(browser: Client, database: None) -> None:
    moment = "2026-01-01T00:00:00+00:00"
    key = uuid.uuid4()
    assert browser.get(PATH, {"cursor": f"{moment}~{key}"}).status_code == 200
    for wrong in (
        *("x", "~", f"{moment}~x", f"{moment}~{key}~", f"2026-01-01T00:00:00~{key}"),
        *(f"0001-01-01T00:00:00+23:59~{key}", f"2026-01-01T00:00:00+01:00~{key}"),
    ):
        assert browser.get(PATH, {"cursor": wrong}).status_code == 404, wrong
