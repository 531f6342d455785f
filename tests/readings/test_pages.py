"""Pages and REST of paid reading: the guidelines, the listing, the batch's cost, and the project's page of it."""

from collections.abc import Callable

from projects.plan.models import Project
from projects.review.services import accepting
from rlhfhub.tenancy import planes
from rlhfhub.tenancy.roles import Role
from tests import people
from tests.calibration import made as calibration
from tests.factories import Tenant, make_batch, make_project
from tests.pages.conftest import browser_of
from tests.readings.made import PAY, make_long, money_of
from tests.review.own import answer_of, page_of

Deliver = Callable[[], int]
EMPTY = "no money set aside"


def path_of(tenant: Tenant, project: Project, rest: str = "reading/") -> str:
    return f"/w/{tenant.workspace.slug}/projects/{project.pk}/{rest}"


def test_the_listing_and_the_guidelines_say_what_reading_pays(
    workspace_a: Tenant, project: Project
) -> None:
    make_batch(project)
    reader = browser_of(people.make_user("Ada"))
    listing = f"/work/market/{project.pk}/"
    shown = page_of(reader.get(listing))
    assert "you get $1.25, with your first accepted answer" in shown and EMPTY not in shown
    joined = reader.post(f"/work/join/{project.pk}/", follow=True)
    guideline = joined.redirect_chain[-1][0]
    assert "you get $1.25, with your first accepted answer under them" in page_of(joined)
    accepted = reader.post(guideline, {"guideline_version": "1"}, follow=True)
    assert accepted.status_code == 200
    assert "you get $1.25" not in page_of(reader.get(guideline)), "promised already"


def test_without_money_the_pages_say_so_before_anybody_tries(
    workspace_a: Tenant, project: Project
) -> None:
    make_batch(project)
    for name in ("Ada", "Ben", "Cleo"):
        people.make_annotator(project, name)
    reader = browser_of(people.make_user("Dora"))
    listing = f"/work/market/{project.pk}/"
    assert "it takes nobody new" in page_of(reader.get(listing))
    joined = reader.post(f"/work/join/{project.pk}/", follow=True)
    guideline = joined.redirect_chain[-1][0]
    shown = page_of(joined)
    assert EMPTY in shown and "I have read this and accept it" not in shown
    refused = reader.post(guideline, {"guideline_version": "1"}, follow=True)
    assert "has no money set aside for that at the moment" in page_of(refused)
    owner = browser_of(workspace_a.owner)
    assert "the project takes nobody new" in page_of(owner.get(path_of(workspace_a, project, "")))


def test_a_desk_key_is_refused_in_words(workspace_a: Tenant, project: Project) -> None:
    user = people.make_user("Ada")
    client = people.client_for(people.make_desk_key(workspace_a.workspace, user))
    joined = client.post("/api/v1/desk/enrollments/", {"project": str(project.pk)}).json()
    here = f"/api/v1/desk/enrollments/{joined['id']}/"
    path = f"{here}accept-guideline/"
    due = {"amount": {"amount_minor": PAY, "currency": "USD"}, "is_covered": False}
    assert client.get(f"{here}guideline/").json()["reading"] == due
    refused = client.post(path, {"guideline_version": 1})
    assert (refused.status_code, refused.json()["code"]) == (409, "reading_unfunded")


def test_a_member_sets_money_aside(workspace_a: Tenant, project: Project) -> None:
    owner, path = browser_of(workspace_a.owner), path_of(workspace_a, project)
    assert "takes nobody new" in page_of(owner.get(path))
    for readers in ("0", "x", "1.5", "10001", ""):
        assert owner.post(path, {"readers": readers}).status_code == 422
    assert owner.post(path, {"readers": "1000000"}).status_code == 422
    done = page_of(owner.post(path, {"readers": "4"}, follow=True))
    assert "5.00 USD is set aside for 4 more" in done and "for 4 newcomers" in done
    assert money_of(project).free_minor == 4 * PAY
    money = page_of(owner.get(f"/w/{workspace_a.workspace.slug}/money/"))
    assert "Set aside for reading guidelines" in money and "Promised" in money


def test_too_little_money_is_said_on_the_form(workspace_a: Tenant, project: Project) -> None:
    owner, path = browser_of(workspace_a.owner), path_of(workspace_a, project)
    assert owner.post(path, {"readers": "10000"}, follow=True).status_code == 200
    spent = [owner.post(path, {"readers": "10000"}, follow=True) for _ in range(8)][-1]
    assert spent.status_code == 422 and "The balance does not cover this" in page_of(spent)


def test_who_may_not_spend_sets_nothing_aside(workspace_a: Tenant, project: Project) -> None:
    viewer = browser_of(people.make_member(workspace_a.workspace, Role.VIEWER))
    path = path_of(workspace_a, project)
    assert "Set aside for how many" not in page_of(viewer.get(path))
    assert viewer.post(path, {"readers": "1"}).status_code == 403
    assert money_of(project).free_minor == 0


def test_a_batch_shows_what_it_sets_aside_for_readers(
    workspace_a: Tenant, project: Project
) -> None:
    batch = make_batch(project, fund=False)
    owner, path = browser_of(workspace_a.owner), f"/w/{workspace_a.workspace.slug}/batches/"
    before = page_of(owner.get(f"{path}{batch.pk}/"))
    assert "Reading the guidelines × 3" in before and "$1.25 each, without a fee" in before
    assert "$5.25" in before, "five answers of 30 cents, and three readers"
    rest = f"/api/v1/batches/{batch.pk}/fund/"
    quoted = workspace_a.client.get(rest).json()
    assert (quoted["readers"], quoted["reading_minor"], quoted["cost_minor"]) == (3, PAY, 525)
    funded = workspace_a.client.post(rest).json()
    assert (funded["readers"], funded["reading_minor"], funded["cost_minor"]) == (3, PAY, 525)
    assert "with $3.75 for reading the guidelines" in page_of(owner.get(f"{path}{batch.pk}/"))
    other = make_batch(project, fund=False, first=50)
    assert workspace_a.client.get(f"/api/v1/batches/{other.pk}/fund/").json()["readers"] == 0


def test_a_round_sets_it_aside_for_those_who_take_it(workspace_a: Tenant) -> None:
    project = make_long(workspace_a, calibration="required")
    calibration.make_pool(project, 2 * calibration.ITEMS)
    calibration.open_round(project, seats=5)
    assert money_of(project).readers_left == 5


def test_over_rest(workspace_a: Tenant, project: Project, deliver: Deliver) -> None:
    path = f"/api/v1/projects/{project.pk}/reading/"
    made = workspace_a.client.post(path, {"readers": 2, "agreed_minor": 2 * PAY})
    assert made.status_code == 201
    make_batch(project)
    ada = people.make_annotator(project, "Ada")
    answer = answer_of(ada)
    with planes.in_workspace(workspace_a.pk):
        accepting.accept(annotation_ids=[answer], reviewer_id=workspace_a.owner.pk)
    deliver()
    people.make_annotator(project, "Ben")
    assert workspace_a.client.get(path).json() == {
        "each_minor": PAY,
        "currency": "USD",
        "free_minor": PAY,
        "readers_left": 1,
        "promised": 1,
        "promised_minor": PAY,
        "paid": 1,
        "paid_minor": PAY,
    }
    for body in ({"readers": 0}, {"readers": 1.5}, {"readers": 1, "more": 1}, {}):
        assert workspace_a.client.post(path, body).status_code == 400
    assert workspace_a.client.post(path, {"readers": 1, "agreed_minor": 1}).status_code == 409


def test_the_annotators_earnings_name_it(
    workspace_a: Tenant, project: Project, deliver: Deliver
) -> None:
    make_batch(project)
    ada = people.make_annotator(project, "Ada")
    answer = answer_of(ada)
    with planes.in_workspace(workspace_a.pk):
        accepting.accept(annotation_ids=[answer], reviewer_id=workspace_a.owner.pk)
    deliver()
    shown = page_of(browser_of(ada.user).get("/earnings/"))
    assert "Reading the guidelines, version 1" in shown and "$1.25" in shown


def test_where_nobody_is_paid_the_page_says_nothing_of_it(workspace_a: Tenant) -> None:
    unpaid = make_project(workspace_a, access="members")
    shown = page_of(browser_of(workspace_a.owner).get(path_of(workspace_a, unpaid, "")))
    assert unpaid.name in shown and "Reading the guidelines" not in shown
