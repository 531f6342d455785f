"""What somebody reads before they join a project: pay, times, guidelines, questions, examples, and what they lack."""

import html
import re
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client

from annotators.profiles import documents
from annotators.profiles import services as profiles
from annotators.profiles.models import DOCUMENTS
from projects.enrollment import examples
from projects.enrollment.models import Enrollment, Example
from projects.items.keys import services as keys
from projects.items.models import Item
from projects.plan.models import Project
from projects.plan.requirements import set_requirement
from rlhfhub.tenancy import planes
from rlhfhub.tenancy.models import User
from rlhfhub.tenancy.raw import constraint_of
from tests import people
from tests.factories import Tenant, make_batch, make_project, make_workspace
from tests.pages.conftest import browser_of

EDIT = {"action": "asks", "languages_need": "all", "domains_need": "any"}


@pytest.fixture
def newcomer(project: Project) -> User:
    """Somebody who may be paid; the project has an open batch of three items."""
    make_batch(project, 3)
    return people.make_user("Newcomer")


def page_of(project: Project) -> str:
    return f"/work/market/{project.pk}/"


def show(project: Project, number: int) -> Example:
    with planes.in_workspace(project.workspace_id):
        return examples.add(project=project, external_id=f"item-{number}", actor_id=None)


def shown(user: User, project: Project) -> list[str]:
    with planes.at_door():
        return [one.prompt[0]["content"] for one in examples.examples_for(user.pk, project.pk)]


def test_everything_is_readable_before_joining(newcomer: User, project: Project) -> None:
    show(project, 2)
    browser = browser_of(newcomer)
    card = browser.get("/work/").content.decode()
    assert page_of(project) in card and "Read and join" in card
    page = browser.get(page_of(project)).content.decode()
    for words in ("$0.25", "30 minutes", "Read both.", "Which response is better?", "Question 2?"):
        assert words in page, words
    assert "model-a" not in page and "Question 1?" not in page
    assert browser.post(f"/work/join/{project.pk}/").status_code == 303
    assert "/guideline/" in browser.get(page_of(project))["Location"]


def test_who_lacks_something_sees_what_and_where_and_does_not_join(
    newcomer: User, project: Project
) -> None:
    with planes.in_workspace(project.workspace_id):
        set_requirement(project=project, languages=["pt"], content=["hate"], actor_id=None)
    with planes.at_desk(newcomer.pk):
        profiles.save_profile(person_id=newcomer.pk, avoids=["hate"])
    browser, words = browser_of(newcomer), "asks for Portuguese; your profile has English"
    assert words in browser.get("/work/").content.decode(), "the market hides nothing"
    page = browser.get(page_of(project)).content.decode()
    assert (
        words in page and f"/work/profile/?next={page_of(project)}" in page and ">Join<" not in page
    )
    refused = browser.post(f"/work/join/{project.pk}/", follow=True)
    assert refused.redirect_chain == [(page_of(project), 303)] and words in refused.content.decode()
    browser.post(
        "/work/profile/",
        {"is_adult": "on", "country": "DE", "languages": ["pt"], "avoids": ["hate"]},
    )
    page = browser.get(page_of(project)).content.decode()
    assert "It contains hate and insults, which my profile avoids" in page
    browser.post(f"/work/join/{project.pk}/", {"agrees_to_content": "on"})
    with planes.in_workspace(project.workspace_id):
        assert Enrollment.objects.get().agreed_content == ["hate"]


def test_the_page_before_the_next_item_says_what_is_missing(
    newcomer: User, project: Project
) -> None:
    annotator = people.make_annotator(project, user=newcomer)
    browser, desk = browser_of(newcomer), f"/work/{annotator.enrollment.pk}/"
    before = f"{desk}before/"
    assert browser.get(before)["Location"] == desk
    with planes.at_desk(newcomer.pk):
        profiles.save_profile(person_id=newcomer.pk, country="KE", avoids=["hate"])
    with planes.in_workspace(project.workspace_id):
        set_requirement(project=project, content=["hate"], actor_id=None)
    page = browser.get(desk, follow=True)
    assert page.redirect_chain == [(before, 302)]
    assert "We cannot pay people in Kenya yet" in page.content.decode()
    assert "I agree to see it in this project" in page.content.decode()
    agreed = browser.post(before).content.decode()
    assert "I agree to see it" not in agreed and "Kenya" in agreed
    with planes.at_desk(newcomer.pk):
        profiles.save_profile(person_id=newcomer.pk, country="DE")
    assert browser.get(before)["Location"] == desk


def link_in(page: str, words: str) -> str:
    """Return the address of the link with these words."""
    found = re.search(rf'href="([^"]+)"[^>]*>{re.escape(words)}<', page)
    assert found, words
    return html.unescape(found[1])


@pytest.mark.parametrize("is_by_profile", [False, True])
def test_who_accepts_the_terms_on_the_way_to_an_item_comes_to_its_desk(
    newcomer: User, project: Project, is_by_profile: bool
) -> None:
    desk = f"/work/{people.make_annotator(project, user=newcomer).enrollment.pk}/"
    newest = documents.publish({**documents.read(), "work": "# Work, anew"})
    browser = browser_of(newcomer)
    page = browser.get(desk, follow=True).content.decode()
    if is_by_profile:
        with planes.at_desk(newcomer.pk):
            profiles.save_profile(person_id=newcomer.pk, is_adult=False)
        page = browser.get(desk, follow=True).content.decode()
        page = browser.get(link_in(page, "Change my profile")).content.decode()
        with planes.at_desk(newcomer.pk):
            profiles.save_profile(person_id=newcomer.pk, is_adult=True)
    page = browser.get(link_in(page, "Read the terms")).content.decode()
    hidden = dict(re.findall(r'name="(number|next)" value="([^"]+)"', page))
    hidden |= dict.fromkeys(DOCUMENTS, "on")
    outdated = browser.post("/work/terms/", {**hidden, "number": str(newest.number - 1)})
    assert outdated["Location"] == f"/terms/?{urlencode({'next': hidden['next']})}"
    accepted = browser.post("/work/terms/", hidden, follow=True)
    assert accepted.redirect_chain[-1][0] == desk and accepted.status_code == 200


def test_the_listing_of_a_project_that_one_left_says_how_to_come_back(
    newcomer: User, project: Project
) -> None:
    annotator, browser = people.make_annotator(project, user=newcomer), browser_of(newcomer)
    people.leave(annotator.enrollment)
    page = browser.get(page_of(project), follow=True)
    assert page.redirect_chain == [(f"/work/{annotator.enrollment.pk}/enrollment/", 302)]
    assert "Come back to this project" in page.content.decode()


def test_examples_are_of_the_project_few_and_not_gold(newcomer: User, project: Project) -> None:
    first = show(project, 1)
    assert show(project, 1).pk == first.pk
    with planes.in_workspace(project.workspace_id):
        for number in (2, 3):
            item = Item.objects.get(project=project, external_id=f"item-{number}")
            if number == 3:
                examples.add(project=project, external_id="item-3", actor_id=None)
            keys.pick(
                item=item, answer={"preference": {"choice": "0"}}, by="An expert", actor_id=None
            )
    assert shown(newcomer, project) == ["Question 1?"], "what became gold is shown no longer"
    browser = browser_of(User.objects.get(pk=project.created_by_id))
    listing = f"/w/{_slug(project)}/projects/{project.pk}/listing/"
    refused = browser.post(listing, {"action": "add", "external_id": "item-2"})
    assert (
        refused.status_code == 422
        and "right answer to this item is known" in refused.content.decode()
    )
    assert browser.post(listing, {"action": "add", "external_id": "nobody"}).status_code == 422
    browser.post(listing, {"action": "remove", "example": str(first.pk)})
    assert shown(newcomer, project) == []


def _slug(project: Project) -> str:
    with planes.in_workspace(project.workspace_id):
        return str(project.workspace.slug)


def test_the_database_shows_no_item_of_another_project(
    project: Project, workspace_a: Tenant
) -> None:
    other = make_batch(make_project(workspace_a), 1)
    with planes.in_workspace(workspace_a.pk):
        item = Item.objects.get(batch=other)
        with pytest.raises(IntegrityError) as refused, transaction.atomic():
            Example.objects.create(
                workspace_id=workspace_a.pk, project=project, number=1, item=item
            )
    assert constraint_of(refused.value) == "example_open"


def test_examples_are_shown_only_to_whom_the_project_is_open(
    newcomer: User, project: Project, workspace_a: Tenant
) -> None:
    show(project, 1)
    member, stranger = workspace_a.owner, make_workspace().owner
    assert shown(newcomer, project) == shown(stranger, project) == ["Question 1?"]
    assert shown(member, project) == [], "members do not work for pay"
    assert browser_of(member).get(page_of(project)).status_code == 404
    with connection.cursor() as cursor, planes.at_desk(newcomer.pk, workspace_a.pk, project.pk):
        cursor.execute("SELECT count(*) FROM projects_items_item")
        assert cursor.fetchone() == (0,), "no door but this one"


def test_over_rest(newcomer: User, project: Project, workspace_a: Tenant) -> None:
    member = workspace_a.client
    at = f"/api/v1/projects/{project.pk}"
    body: dict[str, Any] = {"languages": ["pt"], "domains": ["Roman Law"], "domains_need": "any"}
    asked = member.put(f"{at}/requirement/", body).json()
    assert (asked["number"], asked["domains"]) == (1, ["roman-law"])
    assert member.get(f"{at}/requirement/").json() == asked
    assert member.put(f"{at}/requirement/", {"languages": ["klingon"]}).status_code == 400
    made = member.post(f"{at}/examples/", {"external_id": "item-1"}).json()
    assert [row["id"] for row in member.get(f"{at}/examples/").json()] == [made["id"]]

    client = people.client_for(people.make_desk_key(workspace_a.workspace, newcomer))
    told = client.get(f"/api/v1/desk/projects/{project.pk}/").json()
    assert [one["code"] for one in told["unmet"]] == ["languages", "domains"]
    assert told["examples"][0]["responses"][0].keys() == {"messages"}
    assert (told["price"]["amount_minor"], told["guideline_version"]) == (25, 1)
    joined = client.post("/api/v1/desk/enrollments/", {"project": str(project.pk)})
    assert (joined.status_code, joined.json()["code"]) == (409, "not_eligible")
    profile = {"languages": ["pt", "en"], "domains": ["roman law"]}
    assert client.patch("/api/v1/desk/profile/", profile).json()["unmet_for_pay"] == []
    joined = client.post("/api/v1/desk/enrollments/", {"project": str(project.pk)})
    assert joined.status_code == 201
    assert member.delete(f"/api/v1/examples/{made['id']}/").status_code == 204


def test_a_manager_says_what_is_asked(workspace_a: Tenant, project: Project) -> None:
    browser: Client = browser_of(workspace_a.owner)
    listing = f"/w/{workspace_a.workspace.slug}/projects/{project.pk}/listing/"
    form = EDIT | {"languages": ["pt", "", "de"], "domains": "Law, medicine", "content": ["hate"]}
    assert browser.post(listing, form).status_code == 303
    with planes.in_workspace(workspace_a.pk):
        asks = Project.objects.select_related("requirement").get(pk=project.pk).requirement
    assert asks and (asks.languages, asks.domains, asks.content) == (
        ["pt", "de"],
        ["law", "medicine"],
        ["hate"],
    )
    page = browser.get(listing).content.decode()
    assert "law, medicine" in page and page.count(" selected>") == 2 + 2, "and two empty rows"
    viewer = browser_of(people.make_member(workspace_a.workspace, "viewer"))
    assert "German" in viewer.get(listing).content.decode()
