"""The database alone: nobody writes an eligibility that is not borne out, and no lease is made without a valid one."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from annotators.profiles import documents, selectors
from projects.enrollment.models import Eligibility
from projects.plan.models import Project
from rlhfhub.tenancy import planes
from rlhfhub.tenancy.raw import constraint_of
from tests import people
from tests.enrollment.test_eligibility import TEXTS, ada, asks, tells
from tests.people import Annotator

__all__ = ["ada"]

_CHANGE = "UPDATE projects_enrollment_eligibility SET"
_UNSTAMPED = "ALTER TABLE projects_work_lease DISABLE TRIGGER made"


@pytest.mark.parametrize(
    "damage",
    [
        [f"{_CHANGE} expires_at = now() - interval '1 minute'"],
        [f"{_CHANGE} acceptance_id = NULL, terms_number = NULL"],
        [_UNSTAMPED, f"{_CHANGE} acceptance_id = NULL"],
    ],
)
def test_the_database_refuses_a_paid_lease_without_one(ada: Annotator, damage: list[str]) -> None:
    """Whatever Python has decided. In the last case the lease is stamped with other terms than were found."""
    assert ada.lease()
    assert forge_lease(*damage) == "lease_eligible"


def test_the_database_refuses_a_lease_with_one_for_other_requirements(ada: Annotator) -> None:
    assert ada.lease()
    asks(ada.enrollment.project, languages=["en"])
    assert forge_lease() == "lease_eligible"


def forge_lease(*before: str) -> str:
    """End the only lease and insert another one, as the owner. Returns the constraint that refuses it."""
    with (
        pytest.raises(IntegrityError) as refused,
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("ALTER TABLE projects_enrollment_eligibility DISABLE TRIGGER met")
        cursor.execute("UPDATE projects_work_lease SET ended_at = now(), ended_as = 'returned'")
        for statement in before:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(statement)
        cursor.execute(
            "INSERT INTO projects_work_lease SELECT (jsonb_populate_record(l, jsonb_build_object('id', "
            "gen_random_uuid(), 'slot_id', s.id, 'item_id', s.item_id, 'ended_at', NULL, 'ended_as', NULL))).* "
            "FROM projects_work_lease l, projects_work_slot s WHERE s.item_id <> l.item_id LIMIT 1"
        )
    return constraint_of(refused.value)


def write(one: Annotator, **wrong: Any) -> str:
    """Write the annotator's eligibility in their plane, as Python does but for what is `wrong`.

    Returns: the constraint that refuses it, or "".
    """
    with planes.in_workspace(one.enrollment.workspace_id):
        requirement = Project.objects.get(pk=one.enrollment.project_id).requirement_id
    with planes.at_desk(one.user.pk, one.enrollment.workspace_id):
        found = selectors.person(one.user.pk)
        values = {
            "requirement_id": requirement,
            "acceptance_id": found.acceptance_id,
            "terms_number": found.terms_number,
            "expires_at": timezone.now() + timedelta(hours=24),
        }
        mine = {"workspace_id": one.enrollment.workspace_id, "annotator_id": one.user.pk}
        try:
            with transaction.atomic():
                Eligibility.objects.update_or_create(
                    **mine, enrollment=one.enrollment, defaults=values | wrong
                )
        except IntegrityError as error:
            return constraint_of(error)
        return ""


def become(**told: Any) -> Callable[[Annotator], None]:
    return lambda one: tells(one, **told)


def project_asks(**wanted: Any) -> Callable[[Annotator], None]:
    return lambda one: asks(one.enrollment.project, **wanted)


def avoid_what_it_contains(one: Annotator) -> None:
    become(avoids=["drugs"])(one)
    asks(one.enrollment.project, content=["drugs"])


def publish_terms(_: Annotator) -> None:
    documents.publish(TEXTS)


def nothing(_: Annotator) -> None:
    return None


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        (nothing, {"expires_at": timezone.now() + timedelta(hours=26)}),
        (project_asks(languages=["en"]), {"requirement_id": None}),
        (become(is_adult=False), {}),
        (become(country=""), {}),
        (become(country="KE"), {}),
        (publish_terms, {}),
        (nothing, {"acceptance_id": None}),
        (nothing, {"terms_number": 0}),
        (project_asks(languages=["pt", "en"]), {}),
        (project_asks(languages=["pt"], languages_need="any"), {}),
        (project_asks(languages=["en-GB"]), {}),
        (project_asks(languages=["en", "en-US"]), {}),
        (project_asks(languages=["pt", "en-GB"], languages_need="any"), {}),
        (project_asks(domains=["law"]), {}),
        (project_asks(domains=["law", "art"], domains_need="any"), {}),
        (avoid_what_it_contains, {}),
    ],
)
def test_nobody_writes_themselves_an_eligibility(
    ada: Annotator, change: Callable[[Annotator], None], wrong: dict[str, Any]
) -> None:
    assert write(ada) == ""
    change(ada)
    assert write(ada, **wrong) == "eligibility_met"


def test_nobody_names_another_persons_acceptance(ada: Annotator) -> None:
    other = people.make_user()
    with planes.at_desk(other.pk):
        theirs = selectors.person(other.pk).acceptance_id
    assert write(ada, acceptance_id=theirs) == "eligibility_met"


@pytest.mark.parametrize(
    "change",
    [
        project_asks(languages=["pt", "en"], languages_need="any"),
        project_asks(domains=["law", "art"], domains_need="any"),
    ],
)
def test_one_of_several_is_enough_where_the_project_says_so(
    ada: Annotator, change: Callable[[Annotator], None]
) -> None:
    become(domains=["art"])(ada)
    change(ada)
    assert write(ada) == ""
