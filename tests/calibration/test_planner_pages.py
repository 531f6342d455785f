"""The form of a new round with the figures that follow it, and the settings of calibration."""

import re

import pytest
from django.test import Client

from projects.calibration import planner
from projects.calibration.models import Round
from projects.calibration.pool import pool_of
from projects.calibration.rule import PassRule
from projects.plan.models import Project
from rlhfhub.tenancy import planes
from rlhfhub.tenancy.roles import Role
from tests.calibration import made
from tests.calibration.reading import FORM, text_of
from tests.factories import Tenant, make_batch, make_project, publish_guidelines
from tests.pages.conftest import HTMX, browser_of
from tests.people import make_annotator, make_member


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
    is_drawn = words == "need 80 different ones"
    assert ("The figures are for the settings before." in text_of(refused)) != is_drawn
    wrong = re.findall(r"<[^>]* autofocus[^>]*>", refused.content.decode())
    assert [f'id="id_{field}"' in tag for tag in wrong] == [True] or is_drawn


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
    assert fits.count("enough") >= 1
    assert re.search(r"Left for gold [^<]*</dt> <dd[^>]*> 0 </dd>", fits)
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


def test_the_planner_names_rules_that_the_guidelines_lack(
    owner: Client, root: str, asking: Project
) -> None:
    made.make_pool(asking, 3, rules=("R1",), first=1000)
    page = f"{root}projects/{asking.pk}/calibration/new/"
    words = "rules that the guidelines in force do not have: R1."
    assert words not in text_of(owner.get(page))
    publish_guidelines(asking, "# Other\n\nAll is new.")
    assert words in text_of(owner.get(page))


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


def test_what_a_round_of_so_many_items_gives_is_said(
    owner: Client, root: str, asking: Project, workspace_a: Tenant
) -> None:
    """With 20 items a fifth of good annotators fail, and not a twentieth as entered; with the usual 60 it holds."""
    few = "With 20 items at most, more verdicts are wrong than was entered: 19.4 % of good annotators fail"
    page = f"{root}projects/{asking.pk}/calibration/new/"
    assert few in text_of(owner.post(page, {**FORM, "then": "plan"}, **HTMX))
    draft = made.make_round(asking)
    shown = text_of(owner.get(f"{root}rounds/{draft.pk}/"))
    assert few in shown
    assert "With 20 items at most, 80.6 % of good annotators pass (after about 1" in shown
    told = workspace_a.client.get(f"/api/v1/rounds/{draft.pk}/").json()["round"]["expected"]
    assert told["warning"].startswith(few) and told["bad_passes"] == pytest.approx(0.114, abs=0.001)
    assert planner.expected_of(PassRule(question="preference")).warning == ""
