"""The pages of calibration as plain forms: settings, a new round, funding, closing, override, guidelines; the desk."""

import html
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from projects.calibration import planner
from projects.calibration.models import Round
from projects.calibration.pool import pool_of
from projects.calibration.rule import PassRule
from projects.items.keys import services as keys
from projects.items.models import Key
from projects.plan import services as plan
from projects.plan.models import Project
from rlhfhub.tenancy import planes
from rlhfhub.tenancy.models import User
from rlhfhub.tenancy.roles import Role
from tests.calibration import acts, made
from tests.calibration.acts import a_day_passes
from tests.factories import Tenant, make_batch, make_project, publish_guidelines
from tests.pages.conftest import HTMX, browser_of
from tests.people import Annotator, make_annotator, make_member, make_user

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
    "idle_days": "7",
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
    assert "Of these, in no round and asked of nobody yet</dt> <dd> 40 </dd>" in form
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
        ("wrong_pass", "50", "This must be from 0.1 % to 40 %."),
        ("pass_at", "99.5", "This must be from 1 % to 99 %."),
    ],
)
def test_a_wrong_rule_is_shown_at_its_field(
    owner: Client, root: str, asking: Project, field: str, value: str, words: str
) -> None:
    refused = owner.post(f"{root}projects/{asking.pk}/calibration/new/", {**FORM, field: value})
    assert refused.status_code == 422
    assert words in text_of(refused)
    wrong = re.findall(r"<[^>]* autofocus[^>]*>", refused.content.decode())
    assert [f'id="id_{field}"' in tag for tag in wrong] == [
        True
    ] or words == "need 80 different ones"


def test_the_figures_follow_the_form(owner: Client, root: str, asking: Project) -> None:
    """POST with `then=plan` makes no round. The pool has 40 items, which are too few for two attempts of 30."""
    page = f"{root}projects/{asking.pk}/calibration/new/"
    typed = {**FORM, "items": "25", "pass_at": "90", "then": "plan"}
    part = owner.post(page, typed, **HTMX)
    text = text_of(part)
    assert part.status_code == 200 and "<html" not in text
    assert "Good is right 90 % of the time" in text
    assert text.count("too few") == 5
    assert "10 more are needed for two attempts of this size" in text
    whole = owner.post(page, typed)
    assert whole.status_code == 200 and 'value="25"' in text_of(whole)
    wrong = text_of(owner.post(page, {**typed, "pass_at": "60"}, **HTMX))
    assert "No round can be made with these settings." in wrong
    assert "must be above the accuracy of those who fail" in wrong
    fits = text_of(owner.post(page, {**FORM, "then": "plan"}, **HTMX))
    assert fits.count("enough") >= 1 and "After two attempts 0 are left" in fits
    with planes.in_workspace(asking.workspace_id):
        assert not Round.objects.exists()


def test_the_pool_says_what_is_left(asking: Project) -> None:
    made.make_pool(asking, 60, first=1000)
    made.open_round(asking)
    with planes.in_workspace(asking.workspace_id):
        pool = pool_of(asking, "preference")
        use = planner.use_of(PassRule(question="preference", items=20), pool)
        assert (use.certain, use.unused, use.each, use.left, use.warning) == (100, 60, 20, 60, "")
        next_one = planner.use_of(PassRule(question="preference", items=34), pool)
        assert next_one.left == 32 and "needs 68" in next_one.warning


def test_a_manager_is_not_offered_what_only_owners_may(
    owner: Client, root: str, asking: Project, workspace_a: Tenant
) -> None:
    page = f"{root}projects/{asking.pk}/calibration/"
    manager = browser_of(make_member(workspace_a.workspace, Role.MANAGER))
    assert "Not asked for" in text_of(owner.get(page))
    theirs = text_of(manager.get(page))
    assert "Not asked for" not in theirs and "Only an owner can switch it off." in theirs
    kept = {"calibration": "required", "recalibrate_days": "30"}
    assert manager.post(page, kept).status_code == 303


def test_switching_on_says_what_becomes_of_open_batches(
    owner: Client, root: str, workspace_a: Tenant
) -> None:
    """They stay open: who worked goes on, and newcomers get no item of them."""
    project = make_project(workspace_a)
    make_batch(project, 3)
    works = make_annotator(project, "Ada")
    page = f"{root}projects/{project.pk}/calibration/"
    on = {"calibration": "required", "recalibrate_days": ""}
    said = text_of(owner.post(page, on, follow=True))
    assert "Batches of your data that stay open: 1." in said
    assert works.lease() is not None
    with planes.in_workspace(workspace_a.pk):
        project.refresh_from_db()
    newcomer = make_annotator(project, "Ben")
    assert newcomer.lease() is None
    again = text_of(owner.post(page, on, follow=True))
    assert "that stay open" not in again, "only when it is switched on"
    rest = workspace_a.client.get(f"/api/v1/projects/{project.pk}/calibration/").json()
    assert rest["open_batches"] == 1


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
    assert f"{root}keyed-items/{first}/" in editor.content.decode(), "where its key is retired"
    nothing = owner.post(f"{page}guideline/", {"item": "x"})
    assert nothing.status_code == 303
    text = editor.content.decode().split('dir="auto">')[-1].split("</textarea>")[0]
    saved = owner.post(
        f"{root}projects/{asking.pk}/guidelines/",
        {"action": "save", "text": html.unescape(text), "change": "major", "then": "publish"},
    )
    assert saved.status_code == 303
    with planes.in_workspace(asking.workspace_id):
        retired = Key.objects.exclude(retired_at=None)
        assert {str(key.item_id) for key in retired} == {first} and len(retired) == 3
        assert {key.retired_because for key in retired} == {
            "Version 2 of the guidelines shows this item, so everybody reads its right answer."
        }
        again = Project.objects.select_related("form").get(pk=asking.pk)
        assert len(pool_of(again, "preference").items) == 2 * made.ITEMS - 1


@pytest.mark.parametrize(
    ("text", "retired"),
    [
        ("> Keyed 3?\n\nBetter:\n\n> Right 3.", 3),
        ("Keyed\n  3? and\n> > Wrong 3.", 3),
        ("> Keyed 3?\n\nOnly the question.", 0),
        ("Right 3. Wrong 3.", 0),
        ("> Keyed 3?\n\n> Right 33.", 0),
    ],
)
def test_publishing_retires_the_keys_of_what_it_shows(
    asking: Project, text: str, retired: int
) -> None:
    """A draft does not, and publishing it twice retires nothing that somebody has restored since."""
    with planes.in_workspace(asking.workspace_id):
        version = plan.draft_guideline(
            project=asking, text=f"# Be fair\n\n{text}\n", change="minor", created_by_id=None
        )
        assert not Key.objects.exclude(retired_at=None).exists()
        plan.publish_guideline(version=version, actor_id=None)
        found = list(Key.objects.exclude(retired_at=None))
        assert len(found) == retired
        for key in found:
            keys.restore(key=key, actor_id=None)
        plan.publish_guideline(version=version, actor_id=None)
        assert not Key.objects.exclude(retired_at=None).exists()


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
    assert "0 annotators passed, and 1 is needed." in text_of(owner.get(page))


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
    assert '<p class="muted" dir="auto">Why? One or two sentences.</p>' in page
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


def test_the_home_page_says_what_one_can_do(asking: Project, deliver: Deliver) -> None:
    waiting, other = make_annotator(asking, "Ada"), make_annotator(asking, "Cy")
    assert "When one opens, you begin at once." in home_of(waiting)
    made.open_round(asking, wait_hours=1, seats=2)
    assert "Go on with calibration" in home_of(waiting)
    made.answer(waiting, made.wrong)
    deliver()
    assert re.search(
        r"You can try again from <time [^>]*>[-0-9]* [0-9:]* UTC</time>", home_of(waiting)
    )
    a_day_passes()
    assert "See why, and try again" in home_of(waiting)
    acts.retake(waiting)
    made.answer(other, made.wrong)
    deliver()
    a_day_passes()
    assert "no further attempt is open to you now" in home_of(other), "the only seat is taken"
    own = text_of(browser_of(other.user).get(f"/work/{other.enrollment.pk}/calibration/"))
    assert "No further attempt is open to you now." in own and "Begin another" not in own
    desk = text_of(browser_of(other.user).get(f"/work/{other.enrollment.pk}/"))
    assert "No further attempt is open to you" in desk


def home_of(annotator: Annotator) -> str:
    return text_of(browser_of(annotator.user).get("/work/"))


def test_members_see_who_did_not_pass(
    owner: Client, root: str, asking: Project, deliver: Deliver
) -> None:
    made.open_round(asking)
    annotator = failed(asking, deliver)
    assert "calibration not passed" in text_of(owner.get(f"{root}projects/{asking.pk}/"))
    page = f"{root}projects/{asking.pk}/quality/{annotator.enrollment.pseudonym}/"
    assert "calibration not passed" in text_of(owner.get(page))


def test_the_round_says_who_cannot_work(
    owner: Client, root: str, asking: Project, deliver: Deliver
) -> None:
    opened = made.open_round(asking, seats=2)
    failed(asking, deliver)
    make_annotator(asking, "Runs")
    make_annotator(asking, "Waits")
    make_annotator(asking, "Waits too")
    page = text_of(owner.get(f"{root}rounds/{opened.pk}/"))
    assert (
        'Without an item in this project: waiting for a round <span class="strong">2</span>, '
        'calibration not passed <span class="strong">1</span>.'
    ) in page


def test_staff_see_rounds_and_attempts_at_a_constant_cost(
    asking: Project, deliver: Deliver
) -> None:
    made.open_round(asking, seats=6)
    annotator = failed(asking, deliver)
    user = make_user("Staff")
    User.objects.filter(pk=user.pk).update(is_staff=True)
    staff = browser_of(User.objects.get(pk=user.pk))
    lists = [f"/admin/projects_calibration/{model}/" for model in ("round", "attempt")]
    costs = []
    for _ in range(2):
        for address in lists:
            with CaptureQueriesContext(connection) as queries:
                page = text_of(staff.get(address))
            assert asking.name in page
            costs.append(len(queries))
        made.make_annotators(asking, 4)
    assert annotator.enrollment.pseudonym in page
    assert costs[:2] == costs[2:]
    assert staff.get(f"{lists[0]}add/").status_code == 403


def test_a_minor_version_is_not_accepted_by_who_has_not_read_it(
    asking: Project, deliver: Deliver
) -> None:
    made.open_round(asking)
    annotator = make_annotator(asking, "Ada")
    page, browser = f"/work/{annotator.enrollment.pk}/guideline/", browser_of(annotator.user)
    assert "version 1, accepted by you" in text_of(browser.get(page))
    publish_guidelines(asking, "# Be fair\n\nRead both, please.", "minor")
    assert annotator.lease() is not None, "they go on under the new version"
    shown = text_of(browser.get(page))
    assert "accepted by you" not in shown.split("</h1>")[1].split("</p>")[0]
    assert "its rules are those that you accepted" in shown
    browser.post(page, {"guideline_version": "2"})
    assert "version 2, accepted by you" in text_of(browser.get(page))


def test_the_quality_page_shows_the_way_to_work(
    owner: Client, root: str, asking: Project, workspace_a: Tenant, deliver: Deliver
) -> None:
    made.open_round(asking, wait_hours=0)
    make_annotator(asking, "Ada")
    again = failed(asking, deliver)
    acts.retake(again)
    acts.answer_until_decided(again, made.right, deliver)
    acts.passed(asking, deliver, "Cy")
    page = text_of(owner.get(f"{root}projects/{asking.pk}/quality/"))
    assert "Annotators from joining to work" in page and "Passed later" in page
    path = f"/api/v1/projects/{asking.pk}/quality/"
    found = workspace_a.client.get(path).json()["calibration"]
    stages = {stage["name"]: (stage["count"], stage["share"]) for stage in found["stages"]}
    assert stages == {
        "Joined": (3, None),
        "Began": (3, 1.0),
        "Passed at once": (1, 1 / 3),
        "Passed later": (1, 1 / 3),
        "Work now": (2, 2 / 3),
    }
    [line] = found["rounds"]
    assert line["funnel"] == {
        "began": 3, "running": 1, "passed": 2, "failed": 0, "left": 0, "passed_first": 1, "failed_first": 1,
        "left_first": 0, "retaken": 1, "passed_again": 1, "working": 2,
    }  # fmt: skip
    plain = make_project(workspace_a)
    none = workspace_a.client.get(f"/api/v1/projects/{plain.pk}/quality/").json()
    assert none["calibration"] is None


def test_the_gate_is_said_where_the_batch_is_opened(
    owner: Client, root: str, asking: Project
) -> None:
    batch = make_batch(asking, 1, open=False)
    said = owner.post(f"{root}batches/{batch.pk}/open/", follow=True)
    assert "no round was opened yet" in text_of(said)
