"""What comes of the work: live agreement, reviews, exports, money, earnings."""

import io
import json
import zipfile
from collections.abc import Callable

import pytest
from django.test import Client

from projects.exports import engine
from projects.exports.models import Export
from projects.items.models import Batch
from projects.plan.models import Project
from projects.quality import services as quality
from projects.review.services import accepting
from projects.work.models import Annotation
from rlhfhub.tenancy import planes
from tests import people
from tests.factories import Tenant, make_batch, make_project
from tests.pages.conftest import HTMX, browser_of
from tests.people import Annotator
from tests.routes import row_of


@pytest.fixture
def judged(batch: Batch, annotators: list[Annotator], deliver: Callable[[], int]) -> Batch:
    """The batch of five, answered by three: the first item with a tie, else the first answer is better."""
    for annotator in annotators:
        for number in range(1, 6):
            lease = annotator.lease()
            assert lease
            if number == 1:
                annotator.submit(lease, "tie")
            else:
                annotator.prefer(lease, f"First answer to {number}.")
    deliver()
    with planes.in_workspace(batch.workspace_id):
        quality.refresh_agreement(project_id=batch.project_id)
    return batch


def test_the_project_page_shows_the_work(
    judged: Batch, owner: Client, addresses: dict[str, str], annotators: list[Annotator]
) -> None:
    page = owner.get(addresses["project"]).content.decode()
    assert "15 of 15" in page
    assert "1.00" in page  # α
    for annotator in annotators:
        assert annotator.enrollment.pseudonym in page
        assert annotator.user.email not in page
    part = owner.get(addresses["project_agreement"], **HTMX).content.decode()
    assert "of 15 funded, 100 %" in part
    assert "15 of 15" in owner.get(addresses["workspace"]).content.decode()
    progress = owner.get(addresses["batch_progress"], **HTMX).content.decode()
    assert "100 %" in progress
    assert "Items with equal answers</dt> <dd> 5 </dd>" in " ".join(progress.split())


def test_queries_do_not_grow_with_batches(
    judged: Batch,
    project: Project,
    owner: Client,
    addresses: dict[str, str],
    queries: type,
) -> None:
    with queries() as few:
        owner.get(addresses["project"])
    for number in range(4):
        make_batch(project, 2, first=100 + 10 * number)
        people.make_annotator(project)
    with queries() as many:
        owner.get(addresses["project"])
    assert len(many) == len(few), many
    assert len(few) <= row_of("project").most, few


def test_a_reviewer_accepts_what_is_ticked(
    judged: Batch,
    member: Callable[[str], Client],
    addresses: dict[str, str],
    queries: type,
) -> None:
    reviewer = member("reviewer")
    with queries() as seen:
        page = reviewer.get(addresses["review"]).content.decode()
    assert len(seen) <= row_of("review").most, seen
    assert page.count('name="annotation"') == 15
    assert "Because it is better." in page
    with planes.in_workspace(judged.workspace_id):
        ids = [str(pk) for pk in Annotation.objects.values_list("pk", flat=True)]
    form = {"action": "accept", "annotation": ids[:4]}
    said = reviewer.post(addresses["review"], form, follow=True).content.decode()
    assert "4 answers are accepted in ten minutes" in said and "unless undone" in said
    for bad in ([], ["nonsense"], [str(judged.pk)]):
        none = reviewer.post(addresses["review"], {"annotation": bad}, follow=True)
        assert "Tick the answers first" in none.content.decode()


def test_reviews_come_in_pages(
    judged: Batch, owner: Client, addresses: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("projects.review.queue.views.SIZE", 3)
    first = owner.get(addresses["review"])
    assert first.content.decode().count('name="annotation"') == 9
    assert ">The first items</a>" not in first.content.decode()
    cursor = first.context["listing"].next_cursor
    second = owner.get(addresses["review"], {"cursor": cursor})
    assert second.content.decode().count('name="annotation"') == 6
    back = f'href="{addresses["review"]}">The first items</a>'
    assert back in second.content.decode() and 'rel="next"' not in second.content.decode()
    # All that came after has been decided meanwhile: there is a way back all the same.
    beyond = owner.get(addresses["review"], {"cursor": f"9~{cursor.partition('~')[2]}"})
    assert back in beyond.content.decode() and "Nothing that you ask" in beyond.content.decode()
    assert owner.get(addresses["review"], {"cursor": "x"}).status_code == 404


def test_nobody_accepts_their_own(workspace_a: Tenant) -> None:
    project = make_project(workspace_a, access="members")
    make_batch(project, 1)
    reviewer = people.make_member(workspace_a.workspace, "reviewer")
    own = people.make_annotator(project, user=reviewer)
    lease = own.lease()
    assert lease
    own.submit(lease, "tie")
    path = f"/w/{workspace_a.workspace.slug}/projects/{project.pk}/review/"
    browser = browser_of(reviewer)
    assert "your own work" in browser.get(path).content.decode()
    with planes.in_workspace(workspace_a.pk):
        row = Annotation.objects.get()
    refused = browser.post(path, {"annotation": [str(row.pk)]}, follow=True)
    assert "Nobody decides on their own work" in refused.content.decode()
    row.refresh_from_db()
    assert row.state == "submitted"


@pytest.fixture
def accepted(judged: Batch, workspace_a: Tenant, deliver: Callable[[], int]) -> Batch:
    """All of it accepted and booked."""
    with planes.in_workspace(judged.workspace_id):
        ids = list(Annotation.objects.values_list("pk", flat=True))
        accepting.accept(annotation_ids=ids, reviewer_id=workspace_a.owner.pk)
    deliver()
    return judged


def test_an_export_is_asked_for_and_downloaded(
    accepted: Batch, owner: Client, addresses: dict[str, str], member: Callable[[str], Client]
) -> None:
    path = addresses["exports"]
    assert owner.post(path, {"dataset": "nope"}).status_code == 422
    # The form compares two responses, and rates none.
    assert owner.post(path, {"dataset": "ratings"}).status_code == 422
    assert "Annotations, one by one" in owner.get(path).content.decode()
    assert (
        owner.post(path, {"dataset": "dpo", "batch": str(accepted.project_id)}).status_code == 422
    )
    assert owner.post(path, {"dataset": "dpo", "batch": str(accepted.pk)}).status_code == 303
    waiting = owner.get(path, **HTMX).content.decode()
    assert "Waiting to start" in waiting
    assert "<html" not in waiting
    assert waiting.strip() in owner.get(path).content.decode()
    with planes.in_workspace(accepted.workspace_id):
        export = Export.objects.get()
    download = f"{addresses['workspace']}exports/{export.pk}/download/"
    assert owner.get(download).status_code == 404
    engine.run(workspace_id=export.workspace_id, export_id=export.pk)
    done = owner.get(path).content.decode()
    assert "Waiting to start" not in done
    assert "train.jsonl" in done
    (shown,) = owner.get(path).context["exports"]
    assert [(stage.words, stage.items) for stage in shown.funnel] == [
        *(("In scope", 5), ("Answered", 5), ("Decided", 5), ("In the dataset", 4)),
    ]
    assert [lost.number for stage in shown.funnel for lost in stage.lost] == [1]
    assert "1 that most annotations, or the final answer, call a tie" in done
    body = b"".join(owner.get(download).streaming_content)  # type: ignore[attr-defined]
    assert any(n.endswith(".parquet") for n in zipfile.ZipFile(io.BytesIO(body)).namelist())
    rows = b"".join(owner.get(download, {"file": "train.jsonl"}).streaming_content)  # type: ignore[attr-defined]
    assert len([json.loads(line) for line in rows.splitlines()]) == 4
    for name in ("../manifest.json", "/etc/passwd", "nope", "dataset"):
        assert owner.get(download, {"file": name}).status_code == 404
    assert member("viewer").get(download).status_code == 403
    assert member("manager").get(download).status_code == 200


def test_another_workspaces_export_is_missing(
    accepted: Batch, owner: Client, stranger: Client, workspace_b: Tenant, addresses: dict[str, str]
) -> None:
    owner.post(addresses["exports"], {"dataset": "dpo"})
    with planes.in_workspace(accepted.workspace_id):
        export = Export.objects.get()
    engine.run(workspace_id=export.workspace_id, export_id=export.pk)
    theirs = f"/w/{workspace_b.workspace.slug}/exports/{export.pk}/download/"
    assert stranger.get(theirs).status_code == 404


def test_money_adds_up_on_its_page(
    accepted: Batch, owner: Client, addresses: dict[str, str]
) -> None:
    response = owner.get(addresses["money"])
    sums = {balance.title: balance.amount_minor for balance in response.context["balances"]}
    assert sums == {
        "Free balance": 10_000_000 - 450,
        "Set aside": 0,
        "Paid for work": 450,  # 15 x (25 + 5)
    }
    titles = [entry.title for entry in response.context["journals"]]
    assert titles == ["Set aside for a batch", "Deposit"]
    for entry in response.context["journals"]:
        assert sum(posting.amount_minor for posting in entry.postings) == 0
    assert owner.get(addresses["money"], {"cursor": "x"}).status_code == 404


def test_the_page_shows_every_movement_with_its_accounts(
    accepted: Batch,
    owner: Client,
    addresses: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    queries: type,
) -> None:
    path, every = addresses["money"], {"show": "all"}
    with queries() as seen:
        response = owner.get(path, every)
    assert len(seen) <= row_of("money").most, seen
    entries = response.context["journals"]
    titles = [entry.title for entry in entries]
    assert sorted(set(titles)) == ["Deposit", "Pay for an accepted answer", "Set aside for a batch"]
    assert titles.count("Pay for an accepted answer") == 15
    paid = next(entry for entry in entries if entry.title.startswith("Pay"))
    assert (paid.amount_minor, paid.batch.pk) == (0, accepted.pk)
    lines = [(line.account, line.amount_minor) for line in paid.postings]
    assert lines == [("Batch", -30), ("Annotator, and the platform’s fee", 30)]
    assert all(sum(line.amount_minor for line in entry.postings) == 0 for entry in entries)
    monkeypatch.setattr("billing.ledger.selectors.PAGE", 10)
    first = owner.get(path, every).context["listing"]
    second = owner.get(f"{path}{first.next_query}").context["listing"]
    assert [row.pk for row in first.rows + second.rows] == [
        row.pk for row in response.context["listing"].rows
    ]
    assert owner.get(path, {"show": "some"}).status_code == 404


def test_money_comes_in_pages(
    accepted: Batch,
    owner: Client,
    addresses: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    queries: type,
) -> None:
    with queries() as seen:
        owner.get(addresses["money"])
    assert len(seen) <= row_of("money").most, seen
    monkeypatch.setattr("billing.ledger.selectors.PAGE", 1)
    first = owner.get(addresses["money"])
    second = owner.get(addresses["money"], {"cursor": first.context["listing"].next_cursor})
    assert [entry.title for entry in second.context["journals"]] == ["Deposit"]
    assert not second.context["listing"].next_cursor
    assert f'href="{addresses["money"]}#journal-title">Newest</a>' in second.content.decode()


def test_earnings_before_and_after_the_decision(
    judged: Batch,
    workspace_a: Tenant,
    annotators: list[Annotator],
    deliver: Callable[[], int],
) -> None:
    browser = browser_of(annotators[0].user)
    before = browser.get("/earnings/").context["totals"]
    assert [(t.pending_minor, t.payable_minor) for t in before] == [(125, 0)]
    with planes.in_workspace(judged.workspace_id):
        ids = list(Annotation.objects.values_list("pk", flat=True))
        accepting.accept(annotation_ids=ids, reviewer_id=workspace_a.owner.pk)
    deliver()
    response = browser.get("/earnings/")
    after = response.context["totals"]
    assert [(t.pending_minor, t.payable_minor, t.today_minor) for t in after] == [(0, 125, 125)]
    page = response.content.decode()
    assert "$1.25" in page
    assert annotators[1].enrollment.pseudonym not in page
    assert "Nothing earned yet" in browser_of(people.make_user()).get("/earnings/").content.decode()
