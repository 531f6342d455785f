"""Who accepts guidelines that forbid machine-written text attests that they write themselves, and that is kept."""

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from projects.enrollment import services
from projects.enrollment.models import Enrollment, GuidelineAcceptance
from projects.plan import services as plan
from projects.plan.models import Form, Project
from projects.work.services import leasing
from rlhfhub.tenancy import clock, planes
from rlhfhub.tenancy.models import User
from tests import people
from tests.enrollment.test_enrollment import join
from tests.factories import Tenant, make_batch, make_project, publish_guidelines
from tests.pages.conftest import browser_of

BOX = 'name="attested" required'
RULE = "Machine-written text is not allowed here"


@pytest.fixture
def strict(workspace_a: Tenant) -> Project:
    return make_project(workspace_a, machine_text="forbidden")


@pytest.fixture
def user(database: None) -> User:
    return people.make_user("Ada")


def acceptances(project: Project) -> list[GuidelineAcceptance]:
    with planes.in_workspace(project.workspace_id):
        rows = GuidelineAcceptance.objects.select_related("guideline_version")
        return list(rows.order_by("guideline_version__number"))


def test_the_page_asks_for_it_and_keeps_when_and_for_which_version(
    strict: Project, user: User
) -> None:
    enrollment = join(user, strict)
    client, path = browser_of(user), reverse("guideline", args=[enrollment.pk])
    page = client.get(path).content.decode()
    assert BOX in page and RULE in page and "as a percentage" in page
    refused = client.post(path, {"guideline_version": "1"}, follow=True)
    assert "Confirm that you write your texts yourself" in refused.content.decode()
    assert acceptances(strict) == []
    before = clock.now()
    done = client.post(path, {"guideline_version": "1", "attested": "on"})
    assert done["Location"] == reverse("desk", args=[enrollment.pk])
    desk = client.get(reverse("desk", args=[enrollment.pk])).content.decode()
    assert "Machine-written text is not allowed in this project." in desk
    publish_guidelines(strict, "All new.", "major")
    client.post(path, {"guideline_version": "2", "attested": "on"})
    found = acceptances(strict)
    assert [one.guideline_version.number for one in found] == [1, 2]
    assert all(one.attested_at and one.attested_at >= before for one in found)


def test_rest_asks_for_it_too(workspace_a: Tenant, strict: Project, user: User) -> None:
    enrollment = join(user, strict)
    client = people.client_for(people.make_desk_key(workspace_a.workspace, user))
    at = f"/api/v1/desk/enrollments/{enrollment.pk}/"
    assert client.get(f"{at}guideline/").json()["must_attest"] is True
    for body in ({}, {"attested": False}, {"attested": "yes"}):
        refused = client.post(f"{at}accept-guideline/", {"guideline_version": 1, **body})
        assert refused.status_code == 400
        assert [error["field"] for error in refused.json()["errors"]] == ["attested"]
    done = client.post(f"{at}accept-guideline/", {"guideline_version": 1, "attested": True})
    assert done.status_code == 200 and done.json()["cleared"]


def test_where_a_machine_may_write_nothing_is_asked(workspace_a: Tenant, user: User) -> None:
    project = make_project(workspace_a, machine_text="allowed")
    enrollment = join(user, project)
    client, path = browser_of(user), reverse("guideline", args=[enrollment.pk])
    page = client.get(path).content.decode()
    assert BOX not in page and "You may let a machine write your texts." in page
    assert client.post(path, {"guideline_version": "1"}).status_code == 303
    assert [one.attested_at for one in acceptances(project)] == [None]


def test_without_a_text_to_write_nothing_is_asked(
    workspace_a: Tenant, strict: Project, user: User
) -> None:
    with planes.in_workspace(workspace_a.pk, workspace_a.owner.pk):
        assert strict.form and strict.form.asks_text
        judged = [one for one in strict.form.questions if one["kind"] != "text"]
        Project.objects.filter(pk=strict.pk).update(
            form=Form.objects.create(
                workspace_id=workspace_a.pk, project=strict, version=2, questions=judged
            )
        )
    enrollment = join(user, strict)
    page = browser_of(user).get(reverse("guideline", args=[enrollment.pk])).content.decode()
    assert BOX not in page and RULE not in page
    with planes.at_desk(user.pk, workspace_a.pk, strict.pk):
        row = Enrollment.objects.select_related("project").get(pk=enrollment.pk)
        assert services.accept_guideline(enrollment=row, number=1).state == "active"


@pytest.mark.parametrize("when", ["NULL", "now() - interval '1 day'", "now() + interval '1 day'"])
def test_the_database_refuses_an_acceptance_without_it(
    workspace_a: Tenant, strict: Project, user: User, when: str
) -> None:
    enrollment = join(user, strict)
    with (
        planes.at_desk(user.pk, workspace_a.pk, strict.pk),
        pytest.raises(DatabaseError, match="attests now"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "INSERT INTO projects_enrollment_guidelineacceptance "
            "(id, workspace_id, enrollment_id, guideline_version_id, attested_at) "
            f"SELECT gen_random_uuid(), workspace_id, %s, guideline_version_id, {when} "
            "FROM projects_plan_project WHERE id = %s",
            [enrollment.pk, strict.pk],
        )


@pytest.fixture
def ada(workspace_a: Tenant) -> people.Annotator:
    """Somebody at work in a project that forbids machine-written text since they accepted its guidelines."""
    project = make_project(workspace_a, machine_text="allowed")
    make_batch(project, 3)
    annotator = people.make_annotator(project, "Ada")
    with planes.in_workspace(workspace_a.pk, workspace_a.owner.pk):
        plan.set_watch(project=project, actor_id=workspace_a.owner.pk, machine_text="forbidden")
    return annotator


def test_who_accepted_before_attests_before_the_next_lease(ada: people.Annotator) -> None:
    client, desk = browser_of(ada.user), reverse("desk", args=[ada.enrollment.pk])
    path = reverse("guideline", args=[ada.enrollment.pk])
    assert client.get(desk)["Location"] == path
    page = client.get(path).content.decode()
    assert BOX in page and "has stopped allowing machine-written text" in page
    assert "I confirm this" in page and "Go to the desk" not in page
    refused = client.post(path, {"guideline_version": "1"}, follow=True)
    assert "Confirm that you write your texts yourself" in refused.content.decode()
    assert client.get(desk)["Location"] == path
    assert client.post(path, {"guideline_version": "1", "attested": "on"})["Location"] == desk
    assert client.get(desk).status_code == 200 and ada.lease() is not None
    assert BOX not in client.get(path).content.decode()
    [kept] = acceptances(ada.enrollment.project)
    assert kept.attested_at and kept.attested_at > kept.accepted_at


def test_by_rest_too(ada: people.Annotator) -> None:
    refused = ada.client.post("/api/v1/desk/lease/", {})
    assert (refused.status_code, refused.json()["code"]) == (409, "accept_guidelines")
    assert "no machine-written text any more" in refused.json()["detail"]
    at = f"/api/v1/desk/enrollments/{ada.enrollment.pk}/"
    [row] = ada.client.get("/api/v1/desk/enrollments/").json()["results"]
    assert row["cleared"] is False
    body = {"guideline_version": 1, "attested": True}
    assert ada.client.post(f"{at}accept-guideline/", body).json()["cleared"] is True
    assert ada.lease() is not None


def test_a_minor_version_that_nobody_need_accept_is_attested_too(ada: people.Annotator) -> None:
    project = ada.enrollment.project
    publish_guidelines(project, "Other words.", "minor")
    refused = ada.client.post("/api/v1/desk/lease/", {})
    assert (refused.status_code, refused.json()["code"]) == (409, "accept_guidelines")
    client, path = browser_of(ada.user), reverse("guideline", args=[ada.enrollment.pk])
    client.post(path, {"guideline_version": "2", "attested": "on"})
    assert [bool(one.attested_at) for one in acceptances(project)] == [False, True]
    assert ada.lease() is not None


def test_an_item_that_was_taken_before_is_finished_first(workspace_a: Tenant, user: User) -> None:
    project = make_project(workspace_a, machine_text="allowed")
    make_batch(project, 2)
    annotator = people.make_annotator(project, user=user)
    lease = annotator.lease() or {}
    with planes.in_workspace(workspace_a.pk, workspace_a.owner.pk):
        plan.set_watch(project=project, actor_id=workspace_a.owner.pk, machine_text="forbidden")
    assert (annotator.lease() or {})["id"] == lease["id"]
    assert annotator.submit(lease, 0).status_code == 201
    assert annotator.client.post("/api/v1/desk/lease/", {}).status_code == 409


def test_the_database_makes_no_lease_without_it(ada: people.Annotator) -> None:
    where = ada.enrollment.workspace_id, ada.enrollment.project_id
    with (
        planes.at_desk(ada.user.pk, *where),
        pytest.raises(DatabaseError, match="write their texts themselves"),
        transaction.atomic(),
    ):
        leasing.lease_next(person_id=ada.user.pk, grace_seconds=0)


@pytest.mark.parametrize("when", ["NULL", "now() - interval '1 day'", "clock_timestamp()"])
def test_an_attestation_is_made_once_and_now(strict: Project, user: User, when: str) -> None:
    enrollment = people.enroll(user, strict)
    with (
        planes.at_desk(user.pk, strict.workspace_id, strict.pk),
        pytest.raises(DatabaseError, match="attests now"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "UPDATE projects_enrollment_guidelineacceptance "
            f"SET attested_at = {when} WHERE enrollment_id = %s",
            [enrollment.pk],
        )


def test_a_project_says_it_at_creation_and_changes_it_later(workspace_a: Tenant) -> None:
    made = workspace_a.client.post(
        "/api/v1/projects/", {"name": "New", "template": "pairwise"}
    ).json()
    assert made["machine_text"] == "forbidden"
    path = f"/api/v1/projects/{made['id']}/"
    assert workspace_a.client.patch(path, {"machine_text": "sometimes"}).status_code == 400
    changed = workspace_a.client.patch(path, {"machine_text": "allowed"}).json()
    assert (changed["machine_text"], changed["on_alarm"]) == ("allowed", "suggest")
    owner, slug = browser_of(workspace_a.owner), workspace_a.workspace.slug
    form = owner.get(reverse("project_new", args=[slug])).content.decode()
    assert "Machine-written text" in form
    watch = reverse("project_watch", args=[slug, made["id"]])
    for fields, wanted in (({}, "forbidden"), ({"machine_text": "on"}, "allowed")):
        assert owner.post(watch, {"on_alarm": "off", **fields}).status_code == 303
        assert workspace_a.client.get(path).json()["machine_text"] == wanted
