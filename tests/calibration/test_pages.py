"""The pages of calibration as plain forms: settings, a new round, funding, closing, override, guidelines; the desk."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from projects.calibration.models import Round
from projects.plan.models import Project
from rlhfhub.tenancy import planes
from rlhfhub.tenancy.roles import Role
from tests.calibration import made
from tests.factories import Tenant, make_batch, make_project
from tests.pages.conftest import HTMX, browser_of
from tests.people import Annotator, make_annotator, make_member

Deliver = Callable[[], int]
REASON = "The model ships on Friday, and we review every answer by hand."
FORM = {
    "question": "preference",
    "items": "20",
    "seats": "6",
    "needed": "1",
    "pass_at": "85",
    "fail_at": "65",
    "wrong_pass": "5",
    "wrong_fail": "5",
    "wait_hours": "0",
}


@pytest.fixture
def owner(workspace_a: Tenant) -> Client:
    return browser_of(workspace_a.owner)


@pytest.fixture
def root(workspace_a: Tenant) -> str:
    return f"/w/{workspace_a.workspace.slug}/"


def text_of(response: Any) -> str:
    return " ".join(response.content.decode().split())


def newest(project: Project) -> Round:
    with planes.in_workspace(project.workspace_id):
        return Round.objects.filter(project=project).latest("number")


def test_a_manager_makes_funds_and_closes_a_round(
    owner: Client, root: str, asking: Project
) -> None:
    page = f"{root}projects/{asking.pk}/calibration/"
    assert "No round yet" in text_of(owner.get(page))
    form = text_of(owner.get(f"{page}new/"))
    assert "40 items with a certain right answer" in form
    assert "95.5 %" in form or "95." in form, "what so many items buy"
    made_it = owner.post(f"{page}new/", FORM)
    drawn = newest(asking)
    assert (made_it.status_code, made_it["Location"]) == (303, f"{root}rounds/{drawn.pk}/")
    shown = text_of(owner.get(made_it["Location"]))
    assert "Fund and open the round" in shown
    cost = 20 * (6 + 3) * 30
    assert owner.post(f"{root}rounds/{drawn.pk}/fund/", {"agreed_minor": "1"}).status_code == 303
    assert newest(asking).state == "draft"
    owner.post(f"{root}rounds/{drawn.pk}/fund/", {"agreed_minor": str(cost)})
    assert newest(asking).state == "open"
    part = owner.get(f"{root}rounds/{drawn.pk}/", **HTMX)
    assert 'id="_round"' in part.content.decode() and "<html" not in part.content.decode()
    again = text_of(owner.get(f"{page}new/?like={drawn.pk}"))
    assert 'value="20"' in again
    owner.post(f"{root}rounds/{drawn.pk}/close/")
    assert newest(asking).state == "closed"
    assert "closed" in text_of(owner.get(page))


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("pass_at", "60", "must be above"),
        ("items", "19", "greater than or equal to 20"),
        ("items", "40", "need 80 different ones"),
        ("needed", "7", "no more can pass"),
        ("pass_at", "eighty", "Write the amount with digits"),
        ("question", "reason", "Select a valid choice"),
        ("category_floor", "90", "below the accuracy of those who pass"),
    ],
)
def test_a_wrong_rule_is_shown_at_its_field(
    owner: Client, root: str, asking: Project, field: str, value: str, words: str
) -> None:
    refused = owner.post(f"{root}projects/{asking.pk}/calibration/new/", {**FORM, field: value})
    assert refused.status_code == 422
    assert words in text_of(refused)


def test_settings_are_saved_and_checked(owner: Client, root: str, workspace_a: Tenant) -> None:
    project = make_project(workspace_a)
    page = f"{root}projects/{project.pk}/calibration/"
    saved = owner.post(page, {"calibration": "required", "recalibrate_days": "30"})
    assert saved.status_code == 303
    with planes.in_workspace(workspace_a.pk):
        project.refresh_from_db()
    assert (project.calibration, project.recalibrate_days) == ("required", 30)
    assert project.calibration_since is not None
    assert owner.post(page, {"calibration": "required", "recalibrate_days": "0"}).status_code == 422
    assert owner.post(page, {"calibration": "sometimes"}).status_code == 422
    path = f"/api/v1/projects/{project.pk}/calibration/"
    off = workspace_a.client.patch(path, {"calibration": "none"})
    assert off.json()["calibration"] == "none" and off.json()["recalibrate_days"] == 30
    assert workspace_a.client.patch(path, {"recalibrate_days": 366}).status_code == 400


def test_only_an_owner_is_offered_the_override(
    owner: Client, root: str, asking: Project, workspace_a: Tenant
) -> None:
    opened = made.open_round(asking)
    page = f"{root}rounds/{opened.pk}/"
    manager = browser_of(make_member(workspace_a.workspace, Role.MANAGER))
    assert "Override as an owner" not in text_of(manager.get(page))
    assert manager.post(f"{page}override/", {"reason": REASON}).status_code == 403
    assert "Main batches wait." in text_of(owner.get(page))
    owner.post(f"{page}override/", {"reason": "No."})
    assert newest(asking).override_at is None
    owner.post(f"{page}override/", {"reason": REASON})
    assert REASON in text_of(manager.get(page)), "recorded, and shown"


def test_ticked_disagreements_become_the_next_guidelines(
    owner: Client, root: str, asking: Project, deliver: Deliver
) -> None:
    opened = made.open_round(asking)
    for number, annotator in enumerate(made.make_annotators(asking, 3)):
        made.answer(annotator, made.wrong if number == 2 else made.right, most=3)
    deliver()
    page = f"{root}rounds/{opened.pk}/"
    shown = owner.get(page).content.decode()
    first = shown.split('name="item" value="')[1].split('"')[0]
    editor = owner.post(f"{page}guideline/", {"item": first})
    assert editor.status_code == 200
    assert "## Examples from calibration" in editor.content.decode()
    assert "# Be fair" in editor.content.decode()
    nothing = owner.post(f"{page}guideline/", {"item": "x"})
    assert nothing.status_code == 303
    text = editor.content.decode().split('dir="auto">')[-1].split("</textarea>")[0]
    saved = owner.post(
        f"{root}projects/{asking.pk}/guidelines/",
        {"action": "save", "text": text, "change": "major", "then": "publish"},
    )
    assert saved.status_code == 303


def test_a_viewer_sees_no_keys(
    owner: Client, root: str, asking: Project, workspace_a: Tenant, deliver: Deliver
) -> None:
    opened = made.open_round(asking)
    for number, annotator in enumerate(made.make_annotators(asking, 3)):
        made.answer(annotator, made.wrong if number == 2 else made.right, most=3)
    deliver()
    viewer = browser_of(make_member(workspace_a.workspace, Role.VIEWER))
    assert "Right:" in text_of(owner.get(f"{root}rounds/{opened.pk}/"))
    assert "Right:" not in text_of(viewer.get(f"{root}rounds/{opened.pk}/"))


def test_the_projects_page_shows_the_funnel(owner: Client, root: str, asking: Project) -> None:
    page = f"{root}projects/{asking.pk}/"
    assert "No round was opened yet, so nobody can work on your data." in text_of(owner.get(page))
    made.open_round(asking)
    assert "0 of 1 needed annotators have passed." in text_of(owner.get(page))


def test_a_calibration_batch_says_what_it_is(owner: Client, root: str, asking: Project) -> None:
    drawn = made.make_round(asking)
    page = text_of(owner.get(f"{root}batches/{drawn.batch_id}/"))
    assert "This is a calibration batch" in page
    assert 'name="file"' not in page and "Import by REST" not in page


def failed(asking: Project, deliver: Deliver) -> Annotator:
    annotator = make_annotator(asking, "Ben")
    made.answer(annotator, made.wrong)
    deliver()
    return annotator


def test_the_desk_says_how_far_and_nothing_of_hits(asking: Project, deliver: Deliver) -> None:
    annotator = make_annotator(asking, "Ada")
    browser, desk = browser_of(annotator.user), f"/work/{annotator.enrollment.pk}/"
    assert "Calibration has not begun" in text_of(browser.get(desk))
    made.open_round(asking)
    made.answer(annotator, made.right, most=2)
    deliver()
    page = text_of(browser.get(desk))
    assert 'Calibration, paid: <span class="strong">2</span> done, at most 20.' in page
    assert "You may return 2 items; each further one counts as a wrong answer." in page
    own = text_of(browser.get(f"{desk}calibration/"))
    assert "2 done, at most 20" in own
    assert "right" not in own.split("Where you stand")[1].split("</section>")[0].replace(
        "copyright", ""
    )


def test_who_failed_sees_why_and_tries_again(asking: Project, deliver: Deliver) -> None:
    made.open_round(asking, wait_hours=0)
    annotator = failed(asking, deliver)
    browser, desk = browser_of(annotator.user), f"/work/{annotator.enrollment.pk}/"
    assert "You can try again" in text_of(browser.get(desk))
    page = text_of(browser.get(f"{desk}calibration/"))
    assert page.count('badge badge-warn">wrong') == made.ITEMS
    assert "0 of" in page and "Right is" in page and "So." in page
    began = browser.post(f"{desk}calibration/retake/")
    assert (began.status_code, began["Location"]) == (303, desk)
    assert "0</span> done" in text_of(browser.get(desk))
    assert browser.post(f"{desk}calibration/retake/").status_code == 303, "asking twice"


def test_before_the_wait_is_over_the_button_waits(asking: Project, deliver: Deliver) -> None:
    made.open_round(asking, wait_hours=24)
    annotator = failed(asking, deliver)
    browser, desk = browser_of(annotator.user), f"/work/{annotator.enrollment.pk}/"
    assert "You did not pass this time" in text_of(browser.get(desk))
    page = text_of(browser.get(f"{desk}calibration/"))
    assert "Begin another attempt" not in page
    refused = browser.post(f"{desk}calibration/retake/", follow=True)
    assert "waiting time" in text_of(refused)


def test_the_home_page_leads_to_calibration(asking: Project, deliver: Deliver) -> None:
    annotator = make_annotator(asking, "Ada")
    assert "Go on with calibration" in text_of(browser_of(annotator.user).get("/work/"))


def test_the_gate_is_said_where_the_batch_is_opened(
    owner: Client, root: str, asking: Project
) -> None:
    batch = make_batch(asking, 1, open=False)
    said = owner.post(f"{root}batches/{batch.pk}/open/", follow=True)
    assert "no round was opened yet" in text_of(said)
