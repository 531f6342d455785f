"""The annotator's pages: home, joining, guidelines, the desk with and without htmx, earnings."""

import html
import re
from typing import Any

from django.test import Client

from projects.items.models import Batch
from projects.plan.models import Project
from projects.work.models import Annotation, Draft, Lease
from rlhfhub.tenancy import planes
from tests import people
from tests.factories import (
    Tenant,
    fund_batch,
    import_items,
    make_batch,
    make_item,
    make_project,
    publish_guidelines,
)
from tests.pages.conftest import HTMX, browser_of, keys_of, lease_of
from tests.people import Annotator
from tests.review.own import page_of
from tests.routes import row_of


def answers(ada: Annotator) -> list[Annotation]:
    """Return Ada's stored annotations."""
    with planes.in_workspace(ada.enrollment.workspace_id):
        return list(Annotation.objects.filter(annotator_id=ada.user.pk).order_by("id"))


def test_from_the_listing_to_the_desk(project: Project, batch: Batch) -> None:
    browser = browser_of(people.make_user())
    assert project.name in browser.get("/work/").content.decode()
    joined = browser.post(f"/work/join/{project.pk}/")
    guideline = joined["Location"]
    assert guideline.endswith("/guideline/")
    assert "Read both." in browser.get(guideline).content.decode()
    desk = guideline.removesuffix("guideline/")
    assert browser.get(desk)["Location"] == guideline
    assert browser.post(guideline, {"guideline_version": "7"})["Location"] == guideline
    assert browser.post(guideline, {"guideline_version": "x" * 99})["Location"] == guideline
    assert browser.post(guideline, {"guideline_version": "1"})["Location"] == desk
    assert browser.get(desk).status_code == 200
    assert browser.post(f"/work/join/{project.pk}/")["Location"] == desk
    assert "Start working" in browser.get("/work/").content.decode()


def test_what_is_not_listed_cannot_be_joined(workspace_a: Tenant) -> None:
    private = make_project(workspace_a, access="members")
    outsider = browser_of(people.make_user())
    assert outsider.post(f"/work/join/{private.pk}/").status_code == 404
    member = browser_of(people.make_member(workspace_a.workspace, "viewer"))
    assert member.post(f"/work/join/{private.pk}/").status_code == 303
    market = make_project(workspace_a)
    owner = browser_of(workspace_a.owner)
    assert owner.post(f"/work/join/{market.pk}/").status_code == 404


def test_a_plain_form_submits_and_shows_the_next(
    browser: Client, desk: str, ada: Annotator
) -> None:
    page = browser.get(desk).content.decode()
    lease, keys = lease_of(page), keys_of(page)
    form = {"preference": keys[1], "reason": "Two\r\nlines"}
    response = browser.post(f"{desk}leases/{lease}/submit/", form)
    assert (response.status_code, response["Location"]) == (303, desk)
    stored = answers(ada)[0]
    with planes.in_workspace(ada.enrollment.workspace_id):
        shown = Lease.objects.get(pk=lease).shown
    assert stored.answer == {"preference": {"choice": shown[1]}, "reason": "Two\nlines"}
    again = browser.get(desk).content.decode()
    assert lease_of(again) != lease
    assert ">1</span> today" in again
    assert "$0.25 if accepted" in page_of(browser.get(desk)), "nothing is earned yet"
    assert "1 answer today, $0.25 if accepted" in page_of(browser.get("/work/"))


def test_htmx_gets_the_part_the_page_includes(browser: Client, desk: str, ada: Annotator) -> None:
    page = browser.get(desk).content.decode()
    part = browser.get(desk, **HTMX, HTTP_X_GUIDELINE="1").content.decode()
    assert "<html" not in part
    assert _still(part) in _still(page)
    next_part = browser.post(
        f"{desk}leases/{lease_of(page)}/submit/", {"preference": "tie"}, **HTMX
    )
    assert next_part.status_code == 200
    assert lease_of(next_part.content.decode()) != lease_of(page)
    assert answers(ada)[0].judged == [0]


def _still(page: str) -> str:
    """The HTML without seconds and tokens, which change."""
    changing = r'data-seconds-left="\d+"|\d+ min<span class="wordy"> left|value="[\w-]{64}"'
    page = re.sub(changing, "", page)
    return re.sub(r"\s+", " ", page).strip()


def test_a_wrong_answer_comes_back_with_what_is_wrong(
    browser: Client, desk: str, ada: Annotator
) -> None:
    page = browser.get(desk).content.decode()
    submit = f"{desk}leases/{lease_of(page)}/submit/"
    for form in ({}, {"preference": "nope"}, {"preference": "tie", "reason": "x" * 4001}):
        for headers in ({}, HTMX):
            response = browser.post(submit, form, **headers)
            assert response.status_code == 422
            assert lease_of(response.content.decode()) == lease_of(page)
    assert "x" * 4001 in response.content.decode()
    assert answers(ada) == []


def test_a_second_submit_is_told_and_counts_once(
    browser: Client, desk: str, ada: Annotator
) -> None:
    submit = f"{desk}leases/{lease_of(browser.get(desk).content.decode())}/submit/"
    browser.post(submit, {"preference": "tie"}, **HTMX)
    twice = browser.post(submit, {"preference": "tie"}, **HTMX)
    assert twice.status_code == 409
    assert "already saved" in twice.content.decode()
    plain = browser.post(submit, {"preference": "tie"}, follow=True)
    assert "already saved" in plain.content.decode()
    assert len(answers(ada)) == 1


def test_a_late_answer_is_told_and_its_text_kept(
    browser: Client, desk: str, ada: Annotator, settings: Any
) -> None:
    lease = lease_of(browser.get(desk).content.decode())
    settings.LEASE_GRACE_SECONDS = -7200
    for headers in ({}, HTMX):
        late = browser.post(
            f"{desk}leases/{lease}/submit/", {"preference": "tie", "reason": "my words"}, **headers
        )
        assert late.status_code == 409
        assert "time for this item is over" in late.content.decode()
        assert "my words" in late.content.decode()
    assert answers(ada) == []


def test_a_draft_is_kept_and_comes_back(browser: Client, desk: str, ada: Annotator) -> None:
    page = browser.get(desk).content.decode()
    lease, keys = lease_of(page), keys_of(page)
    draft = f"{desk}leases/{lease}/draft/"
    saved = browser.post(draft, {"preference": keys[0], "reason": "half a"}, **HTMX)
    assert (saved.status_code, saved.content) == (204, b"")
    again = browser.get(desk).content.decode()
    assert "half a" in again
    assert re.search(rf'value="{keys[0]}"[^>]*checked', again)
    browser.post(f"{desk}leases/{lease}/submit/", {"preference": "tie"})
    assert browser.post(draft, {"reason": "late"}).status_code == 409


def test_a_draft_that_cannot_be_stored_is_refused(
    browser: Client, desk: str, ada: Annotator
) -> None:
    lease = lease_of(browser.get(desk).content.decode())
    saved = browser.post(f"{desk}leases/{lease}/draft/", {"reason": "half\x00a"}, **HTMX)
    assert saved.status_code == 400
    assert lease_of(browser.get(desk).content.decode()) == lease
    with planes.as_system(ada.enrollment.workspace_id):
        assert not Draft.objects.exists()


def test_returning_costs_nothing_and_brings_another(
    browser: Client, desk: str, ada: Annotator
) -> None:
    lease = lease_of(browser.get(desk).content.decode())
    form = {"reason": "too_long", "note": "really\x00"}
    part = browser.post(f"{desk}leases/{lease}/return/", form, **HTMX)
    assert lease_of(part.content.decode()) != lease
    assert browser.post(f"{desk}leases/{lease}/return/", form)["Location"] == desk
    with planes.in_workspace(ada.enrollment.workspace_id):
        row = Lease.objects.get(pk=lease)
    assert (row.ended_as, row.return_reason, row.return_note) == ("returned", "too_long", "really")


def test_the_last_answer_leads_to_an_empty_desk(browser: Client, desk: str, ada: Annotator) -> None:
    for _ in range(5):
        lease = lease_of(browser.get(desk).content.decode())
        last = browser.post(f"{desk}leases/{lease}/submit/", {"preference": "tie"}, **HTMX)
    assert last.status_code == 200
    assert "Nothing waits for you here" in last.content.decode()
    assert len(answers(ada)) == 5


def test_a_major_change_sends_back_to_the_guidelines(
    browser: Client, desk: str, ada: Annotator, project: Project
) -> None:
    lease = lease_of(browser.get(desk).content.decode())
    publish_guidelines(project, "# New rules")
    sent = browser.post(f"{desk}leases/{lease}/submit/", {"preference": "tie"}, **HTMX)
    assert sent["HX-Redirect"] == f"{desk}guideline/"
    assert len(answers(ada)) == 1  # what was held before is stored
    page = browser.get(f"{desk}guideline/").content.decode()
    assert "You accepted version 1" in page
    browser.post(f"{desk}guideline/", {"guideline_version": "2"})
    assert browser.get(desk).status_code == 200


def test_a_paused_annotator_is_told(browser: Client, desk: str, ada: Annotator) -> None:
    people.pause(ada.enrollment)
    page = browser.get(desk)
    assert page.status_code == 200
    assert "is paused" in page.content.decode()


def test_an_answer_that_is_sent_while_paused_is_said_to_be_saved(
    browser: Client, desk: str, ada: Annotator
) -> None:
    page = browser.get(desk).content.decode()
    lease, keys = lease_of(page), keys_of(page)
    people.pause(ada.enrollment)
    form = {"preference": keys[1], "reason": "Two lines."}
    sent = page_of(browser.post(f"{desk}leases/{lease}/submit/", form, **HTMX))
    assert "is paused" in sent and "Your answer is saved." in sent
    assert len(answers(ada)) == 1
    assert "Your answer is saved." not in page_of(browser.get(desk))


def test_a_plain_form_that_is_sent_while_paused_is_said_to_be_saved(
    browser: Client, desk: str, ada: Annotator
) -> None:
    page = browser.get(desk).content.decode()
    lease, keys = lease_of(page), keys_of(page)
    people.pause(ada.enrollment)
    form = {"preference": keys[1], "reason": "Two lines."}
    sent = browser.post(f"{desk}leases/{lease}/submit/", form, follow=True)
    assert "is paused" in page_of(sent) and "Your answer is saved." in page_of(sent)


def test_who_leaves_while_they_write_keeps_what_they_wrote(
    browser: Client, desk: str, ada: Annotator
) -> None:
    lease = lease_of(browser.get(desk).content.decode())
    people.leave(ada.enrollment)
    form = {"preference": "tie", "reason": "Both are kind."}
    page = browser.post(f"{desk}leases/{lease}/submit/", form)
    assert page.status_code == 409
    text = page.content.decode()
    assert "Your work in this project has ended" in text
    assert "Both are kind." in text
    assert "The time for this item is over" not in text


def test_the_desk_shows_no_stored_place_and_no_model(workspace_a: Tenant) -> None:
    project = make_project(workspace_a)
    make_batch(project, 1)
    ada = people.make_annotator(project)
    page = browser_of(ada.user).get(f"/work/{ada.enrollment.pk}/").content.decode()
    assert "model-a" not in page
    assert "model-b" not in page
    assert "item-1" not in page


def test_hostile_text_renders_inert(workspace_a: Tenant) -> None:
    project = make_project(workspace_a)
    batch = make_batch(project, 0)
    evil = "<script>alert(1)</script><img src=x onerror=alert(2)> {% now %} \u202e"
    item = make_item(1, prompt=evil, context={"items": evil, "<b>": evil})
    import_items(batch, [item])
    fund_batch(batch)
    browser_of(workspace_a.owner).post(f"/w/{workspace_a.workspace.slug}/batches/{batch.pk}/open/")
    ada = people.make_annotator(project)
    page = browser_of(ada.user).get(f"/work/{ada.enrollment.pk}/").content.decode()
    assert "<script>alert" not in page
    assert "<img" not in page
    assert "\u202e" not in page
    assert "<script>alert(1)" in html.unescape(page)


def test_statements_at_the_desk(browser: Client, desk: str, queries: type) -> None:
    browser.get(desk)
    with queries() as looked:
        page = browser.get(desk, **HTMX).content.decode()
    with queries() as sent:
        browser.post(f"{desk}leases/{lease_of(page)}/submit/", {"preference": "tie"}, **HTMX)
    assert len(looked) <= row_of("desk").most, looked
    assert len(sent) <= row_of("desk_submit", "POST").most, sent
