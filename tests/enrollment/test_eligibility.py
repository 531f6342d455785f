"""Who may take paid work, and work that asks for something: told before joining, refused at the next lease by the
database, and never in the middle of an item.
"""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction

from annotators.profiles import documents
from annotators.profiles import services as profiles
from annotators.profiles.models import DOCUMENTS
from projects.enrollment import eligibility, services
from projects.enrollment.models import Eligibility, Enrollment
from projects.plan.models import Project, Requirement
from projects.plan.requirements import set_requirement
from projects.work.models import Lease
from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy import planes
from rlhfhub.tenancy.models import User
from tests import people
from tests.factories import Tenant, make_batch, make_project
from tests.people import Annotator

LEASE = "/api/v1/desk/lease/"
TEXTS = {"work": "# Work", "confidentiality": "# Silence", "rights": "# Rights"}
Change = Callable[[Annotator], None]


@pytest.fixture
def ada(project: Project) -> Annotator:
    """An annotator of the paid project, whose batch is open."""
    make_batch(project)
    return people.make_annotator(project, "Ada")


def asks(project: Project, **wanted: Any) -> None:
    with planes.in_workspace(project.workspace_id):
        set_requirement(project=project, actor_id=None, **wanted)


def tells(annotator: Annotator, **told: Any) -> None:
    with planes.at_desk(annotator.user.pk):
        profiles.save_profile(person_id=annotator.user.pk, **told)


def joins(user: User, project: Project, **more: Any) -> Enrollment:
    with planes.at_desk(user.pk, project.workspace_id, project.pk):
        row = Project.objects.get(pk=project.pk)
        return services.enroll(project=row, annotator_id=user.pk, **more)


def lacks(annotator: Annotator) -> list[str]:
    """What the next lease is refused for; empty if it is made."""
    answer = annotator.client.post(LEASE, {"project": str(annotator.enrollment.project_id)})
    if answer.status_code == 200:
        return []
    assert (answer.status_code, answer.json()["code"]) == (409, "not_eligible"), answer.content
    return [error["field"] for error in answer.json()["errors"]]


CHANGES: dict[str, Change] = {
    "adult": lambda who: tells(who, is_adult=False),
    "country": lambda who: tells(who, country=""),
    "rail": lambda who: tells(who, country="KE"),
    "terms": lambda who: documents.publish(TEXTS) and None,
    "languages": lambda who: asks(who.enrollment.project, languages=["pt", "en"]),
    "domains": lambda who: asks(who.enrollment.project, domains=["Medicine"]),
}


@pytest.mark.parametrize("lacking", CHANGES)
def test_what_changed_holds_from_the_next_lease_on(ada: Annotator, lacking: str) -> None:
    """The item that they hold can be finished, and counts under the terms of its lease."""
    held = ada.lease()
    assert held
    CHANGES[lacking](ada)
    again = ada.lease()
    assert again and again["id"] == held["id"]
    assert ada.submit(held).status_code == 201
    assert lacks(ada) == [lacking]


def test_what_is_mended_is_checked_again_at_once(ada: Annotator) -> None:
    asks(ada.enrollment.project, languages=["pt"], domains=["medicine", "law"], domains_need="any")
    assert lacks(ada) == ["languages", "domains"]
    tells(ada, languages=["en", "pt"], domains=["law"])
    assert lacks(ada) == []


def test_somebody_without_a_rail_is_told_before_they_join(project: Project) -> None:
    user = people.make_user(may_be_paid=False)
    people.allow_pay(user, country="KE")
    with pytest.raises(Refused, match="cannot pay people in Kenya yet") as refused:
        joins(user, project)
    assert (refused.value.status, [e["field"] for e in refused.value.errors]) == (409, ["rail"])
    with planes.in_workspace(project.workspace_id):
        assert not Enrollment.objects.exists()


def test_unpaid_work_asks_for_no_profile(workspace_a: Tenant) -> None:
    unpaid = make_project(workspace_a, access="members")
    make_batch(unpaid)
    member = people.make_annotator(unpaid, user=people.make_user(may_be_paid=False))
    lease = member.lease()
    assert lease and member.submit(lease).status_code == 201
    with planes.in_workspace(workspace_a.pk):
        assert Lease.objects.get().terms_acceptance_id is None
    asks(unpaid, languages=["pt"])
    assert lacks(member) == ["languages"], "but what it asks for holds for members too"


def test_content_that_somebody_avoids_takes_their_agreement(project: Project) -> None:
    make_batch(project)
    asks(project, content=["hate", "drugs"])
    avoiding = people.make_user()
    with planes.at_desk(avoiding.pk):
        profiles.save_profile(person_id=avoiding.pk, avoids=["drugs", "politics"])
    with pytest.raises(Refused, match=r"do not want to see: drugs\."):
        joins(avoiding, project)
    assert joins(avoiding, project, agrees_to_content=True).agreed_content == ["hate", "drugs"]
    annotator = people.make_annotator(project, user=avoiding)
    assert lacks(annotator) == []
    asks(project, content=["hate", "drugs", "politics"])
    held = annotator.lease()
    assert held and annotator.submit(held).status_code == 201
    assert lacks(annotator) == ["content"], "what was added is asked for"
    with planes.at_desk(avoiding.pk, project.workspace_id, project.pk):
        row = Enrollment.objects.select_related("project__requirement").get()
        eligibility.agree_to_content(enrollment=row)
    assert lacks(annotator) == []


def test_the_terms_accepted_are_stamped_on_each_answer(ada: Annotator) -> None:
    lease = ada.lease()
    assert lease and ada.submit(lease).status_code == 201
    newest = documents.publish(TEXTS)
    assert lacks(ada) == ["terms"]
    with planes.at_desk(ada.user.pk):
        profiles.accept_terms(person_id=ada.user.pk, number=newest.number, documents=DOCUMENTS)
    lease = ada.lease()
    assert lease and ada.submit(lease).status_code == 201
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT t.number FROM projects_work_annotation a JOIN projects_work_lease l ON l.id = a.lease_id "
            "JOIN annotators_profiles_acceptance c ON c.id = l.terms_acceptance_id "
            "JOIN annotators_profiles_terms t ON t.id = c.terms_id ORDER BY a.submitted_at"
        )
        assert [number for (number,) in cursor.fetchall()] == [1, 2]


def test_an_eligibility_expires_and_is_renewed_by_the_next_lease(ada: Annotator) -> None:
    with planes.at_desk(ada.user.pk, ada.enrollment.workspace_id):
        Eligibility.objects.update(expires_at="2020-01-01T00:00Z")
    assert lacks(ada) == []
    with planes.at_desk(ada.user.pk, ada.enrollment.workspace_id):
        assert Eligibility.objects.get().expires_at.year > 2020


def test_a_profile_that_changes_while_it_is_checked_leaves_no_eligibility(
    own_database: str, project: Project
) -> None:
    """Both orders, with real transactions: the second waits for the first, and sees what it did."""
    ada = people.make_annotator(project, "Ada")

    def check() -> None:
        with planes.at_desk(ada.user.pk, project.workspace_id, project.pk):
            eligibility.renew(enrollment_id=ada.enrollment.pk)

    def move(country: str) -> None:
        tells(ada, country=country)

    move("PT")
    assert _at_once(check, lambda: move("KE")) == []
    assert not _kept(ada)
    move("PT")
    (refused,) = _at_once(lambda: move("KE"), check)
    assert isinstance(refused, Refused) and not _kept(ada)


def _kept(annotator: Annotator) -> bool:
    with planes.at_desk(annotator.user.pk, annotator.enrollment.workspace_id):
        return Eligibility.objects.exists()


def _at_once(first: Callable[[], None], second: Callable[[], None]) -> list[Exception]:
    """Run `second` in a thread while `first` is done and not committed. Returns what was raised in the thread."""
    raised: list[Exception] = []

    def run() -> None:
        try:
            second()
        except Exception as error:
            raised.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    with transaction.atomic():
        first()
        thread.start()
        thread.join(1)
        assert thread.is_alive(), "it waits"
    thread.join(30)
    return raised


def test_a_requirement_is_a_version_and_the_same_is_none(project: Project) -> None:
    for wanted in ({"languages": ["pt"]}, {"languages": ["pt"]}, {"domains": ["Law"]}, {}):
        asks(project, **wanted)
    with planes.in_workspace(project.workspace_id):
        numbers = [row.number for row in _requirements(project)]
        assert numbers == [1, 2] and Project.objects.get(pk=project.pk).requirement is None


def _requirements(project: Project) -> Any:
    return Requirement.objects.filter(project=project).order_by("number")
