"""The pages of a round as plain forms: making, funding, closing, override, and its items in the guidelines."""

import html
from collections.abc import Callable

import pytest
from django.test import Client

from projects.calibration.pool import pool_of
from projects.items.keys import services as keys
from projects.items.models import Key
from projects.plan import publishing
from projects.plan import services as plan
from projects.plan.models import Project
from rlhfhub.tenancy import planes
from rlhfhub.tenancy.roles import Role
from tests.calibration import made
from tests.calibration.reading import FORM, newest, text_of
from tests.factories import Tenant, make_batch, publish_guidelines
from tests.pages.conftest import HTMX, browser_of
from tests.people import make_member, make_user

Deliver = Callable[[], int]
LONG = " It is long enough not to stand there by chance"
REASON = "The model ships on Friday, and we review every answer by hand."


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


def test_only_an_owner_is_offered_the_override(
    owner: Client, root: str, asking: Project, workspace_a: Tenant
) -> None:
    opened = made.open_round(asking)
    page = f"{root}rounds/{opened.pk}/"
    manager = browser_of(make_member(workspace_a.workspace, Role.MANAGER))
    assert "Override as an owner" not in text_of(manager.get(page))
    assert manager.post(f"{page}override/", {"reason": REASON}).status_code == 403
    assert "Batches of your data wait: none can be opened yet." in text_of(owner.get(page))
    owner.post(f"{page}override/", {"reason": "No."})
    assert newest(asking).override_at is None
    owner.post(f"{page}override/", {"reason": REASON})
    assert REASON in text_of(manager.get(page)), "recorded, and shown"


@pytest.mark.usefixtures("one_order")
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
        {
            "action": "save",
            "change": "major",
            "then": "publish",
            "text": html.unescape(text),
            "announced": first,
        },
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
        ("> Keyed\n  3?\n\n> > Wrong 3.\n\nSo.", 3),
        ("Keyed 3? and Wrong 3.", 0),
        (f"Keyed\n  103?{LONG} and\n> > Wrong\n103.{LONG}", 3),
        (f"Keyed 103?{LONG}s and Wrong 103.{LONG}", 0),
        ("> Keyed 3?\n\nOnly the question.", 0),
        ("Right 3. Wrong 3.", 0),
        ("> Keyed 3?\n\n> Right 33.", 0),
    ],
)
def test_publishing_retires_the_keys_of_what_it_shows(
    asking: Project, text: str, retired: int
) -> None:
    """A draft does not, and publishing it twice retires nothing that somebody has restored since.

    Short texts are shown only as blocks of their own: they stand anywhere by chance.
    """
    made.make_pool(asking, 1, first=103, mark=LONG)
    with planes.in_workspace(asking.workspace_id):
        version = plan.draft_guideline(
            project=asking, text=f"# Be fair\n\n{text}\n", change="minor", created_by_id=None
        )
        assert not Key.objects.exclude(retired_at=None).exists()
        assert sum(one.keys for one in publishing.retired_by(version)) == retired
        plan.publish_guideline(version=version, actor_id=None)
        found = list(Key.objects.exclude(retired_at=None))
        assert len(found) == retired
        for key in found:
            keys.restore(key=key, actor_id=None)
        plan.publish_guideline(version=version, actor_id=None)
        assert not Key.objects.exclude(retired_at=None).exists()


def test_what_publishing_retires_is_said_before(
    owner: Client, root: str, asking: Project, workspace_a: Tenant
) -> None:
    """Saving and publishing at once stops at the announcement; publishing from there does it."""
    page = f"{root}projects/{asking.pk}/guidelines/"
    text = {"text": "# Be fair\n\nKeyed 3?\n\nRight 3.\n", "change": "minor"}
    said = text_of(owner.post(page, {**text, "action": "save", "then": "publish"}, follow=True))
    assert "Version 2 is saved and not published yet" in said
    assert "It shows 1 keyed item" in said and "pool-3</bdi>" in said
    rest = f"/api/v1/projects/{asking.pk}/guidelines/"
    (announced,) = workspace_a.client.get(f"{rest}2/").json()["retires"]
    assert (announced["external_id"], announced["keys"]) == ("key:pool-3", 3)
    draft = workspace_a.client.post(rest, {**text, "change": "major"}).json()
    assert draft["retires"] == [announced]
    with planes.in_workspace(asking.workspace_id):
        assert not Key.objects.exclude(retired_at=None).exists()
    published = workspace_a.client.post(f"{rest}3/publish/", {}).json()
    assert published["retires"] == []
    with planes.in_workspace(asking.workspace_id):
        assert Key.objects.exclude(retired_at=None).count() == 3


def test_rules_that_keys_cite_and_a_version_loses_are_said_before(
    owner: Client, root: str, asking: Project, workspace_a: Tenant
) -> None:
    """Each with the number of its right answers and a link to them. Retired ones do not count."""
    page, keyed = f"{root}projects/{asking.pk}/guidelines/", f"{root}projects/{asking.pk}/keys/"
    publish_guidelines(
        asking, "# Be fair\n\nRead.\n\n# Ties\n\nRare.\n\n# Length\n\nIt is no merit."
    )
    for rule, first in (("R2", 203), ("R3", 303)):
        made.make_pool(asking, 2, first=first, rules=(rule,))
    with planes.in_workspace(asking.workspace_id):
        keys.retire(key=Key.objects.filter(rule="R3")[0], because="It is wrong.", actor_id=None)
    text = {"text": "# Be fair\n\nRead.", "change": "minor"}
    said = text_of(owner.post(page, {**text, "action": "save", "then": "publish"}, follow=True))
    assert "Version 3 is saved and not published yet" in said
    assert "right answers cite rules that it lacks" in said
    assert f'href="{keyed}?rule=R2#keyed-title">R2: 6 right answers</a>' in said
    assert f'href="{keyed}?rule=R3#keyed-title">R3: 5 right answers</a>' in said
    listed = text_of(owner.get(f"{keyed}?rule=R2&sort=short"))
    assert "pool-203<" in listed and "pool-303<" not in listed
    assert owner.get(f"{keyed}?rule=two").status_code == 404
    rest = f"/api/v1/projects/{asking.pk}/guidelines/3/"
    lost = [{"rule": "R2", "keys": 6}, {"rule": "R3", "keys": 5}]
    assert workspace_a.client.get(rest).json()["lost_rules"] == lost
    assert owner.post(page, {"action": "publish", "number": "3"}).status_code == 303
    assert workspace_a.client.get(rest).json()["lost_rules"] == []


@pytest.mark.usefixtures("one_order")
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


def test_a_calibration_batch_says_what_it_is(owner: Client, root: str, asking: Project) -> None:
    drawn = made.make_round(asking)
    page = text_of(owner.get(f"{root}batches/{drawn.batch_id}/"))
    assert "This is a calibration batch" in page
    assert 'name="file"' not in page and "Import by REST" not in page


def test_the_gate_is_said_where_the_batch_is_opened(
    owner: Client, root: str, asking: Project
) -> None:
    batch = make_batch(asking, 1, open=False)
    said = owner.post(f"{root}batches/{batch.pk}/open/", follow=True)
    assert "no round was opened yet" in text_of(said)


def test_the_attempts_of_a_round_page_over_rest(
    workspace_a: Tenant, asking: Project, deliver: Deliver
) -> None:
    opened = made.open_round(asking)
    annotators = made.make_annotators(asking, 3)
    first = workspace_a.client.get(f"/api/v1/rounds/{opened.pk}/attempts/?page_size=2").json()
    rest = workspace_a.client.get(first["next"]).json()
    names = [row["annotator"] for row in [*first["results"], *rest["results"]]]
    assert names == [one.enrollment.pseudonym for one in annotators[::-1]]
    assert rest["next"] is None and rest["previous"]


def test_the_market_says_that_one_calibrates_first(asking: Project) -> None:
    made.open_round(asking)
    somebody = browser_of(make_user("Nico"))
    page = text_of(somebody.get("/work/"))
    words = "you answer items with a known right answer, paid like all others. Not everybody passes"
    assert words in page
