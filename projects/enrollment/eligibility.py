"""Checking that an annotator meets what a project asks for, before they join and, once a day, before a lease.

What was found is stored until it expires. A change of the profile deletes it, and one of the project's requirement or
of the terms makes it invalid, so that the next lease checks again; a live lease is never affected. Annotator plane.
"""

import uuid
from typing import Any

from django.db import IntegrityError, connection, transaction

from annotators.profiles import selectors as profiles
from annotators.profiles.readiness import Unmet
from annotators.profiles.selectors import Person
from projects.enrollment.asked import Asked, unmet
from projects.enrollment.models import Enrollment
from projects.plan.models import Project
from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy.raw import constraint_of

NOT_ELIGIBLE = "not_eligible"

_KEEP = """
    INSERT INTO projects_enrollment_eligibility
        (id, workspace_id, enrollment_id, annotator_id, requirement_id, acceptance_id, terms_number, expires_at)
    VALUES (rlhfhub_uuid7(), %(workspace)s, %(enrollment)s, %(person)s, %(requirement)s, %(acceptance)s, %(terms)s,
        clock_timestamp() + interval '1 day')
    ON CONFLICT (enrollment_id) DO UPDATE SET requirement_id = EXCLUDED.requirement_id,
        acceptance_id = EXCLUDED.acceptance_id, terms_number = EXCLUDED.terms_number, expires_at = EXCLUDED.expires_at
"""


def asked_of(project: Project) -> Asked:
    """Return what a project asks of its annotators now."""
    is_paid, asks = project.access == Project.Access.MARKET, project.requirement
    if asks is None:
        return Asked(is_paid, [], "all", [], "all", [])
    return Asked(
        is_paid,
        asks.languages,
        asks.languages_need,
        asks.domains,
        asks.domains_need,
        asks.content,
    )


def unmet_of(enrollment: Enrollment) -> list[Unmet]:
    """Return what the annotator lacks for their project now; empty if nothing."""
    person = profiles.person(enrollment.annotator_id)
    return unmet(asked_of(enrollment.project), person, enrollment.agreed_content)


def check(*, project: Project, person: Person, agreed: list[str]) -> None:
    """Raise Refused (`not_eligible`), naming everything that the person lacks for this project."""
    if found := unmet(asked_of(project), person, agreed):
        raise not_eligible(found)


def not_eligible(found: list[Unmet]) -> Refused:
    """Return the refusal of work for what somebody lacks."""
    errors = [{"row": None, "field": one.code, "message": one.words} for one in found]
    words = " ".join(one.words for one in found)
    return Refused(NOT_ELIGIBLE, words, status=409, errors=errors)


def renew(*, enrollment_id: uuid.UUID) -> None:
    """Check the annotator against their project, and store that they meet what it asks for.

    Raises: Refused (`not_eligible`), naming everything that they lack.
    """
    rows = Enrollment.objects.select_related("project__requirement")
    enrollment = rows.get(pk=enrollment_id)
    person = profiles.person(enrollment.annotator_id)
    check(project=enrollment.project, person=person, agreed=enrollment.agreed_content)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_KEEP, _values(enrollment, person))
    except IntegrityError as error:
        # The profile, the requirement or the terms have changed since they were read here.
        if constraint_of(error) != "eligibility_met":
            raise
        words = "Your profile or what the project asks for has just changed. Try again."
        raise Refused(NOT_ELIGIBLE, words, status=409) from error


def _values(enrollment: Enrollment, person: Person) -> dict[str, Any]:
    return {
        "workspace": enrollment.workspace_id,
        "enrollment": enrollment.pk,
        "person": enrollment.annotator_id,
        "requirement": enrollment.project.requirement_id,
        "acceptance": person.acceptance_id,
        "terms": person.terms_number,
    }


def agree_to_content(*, enrollment: Enrollment) -> None:
    """Record that the annotator agrees to see, in this project, the content that it contains and they avoid."""
    asks = enrollment.project.requirement
    agreed = sorted({*enrollment.agreed_content, *(asks.content if asks else ())})
    Enrollment.objects.filter(pk=enrollment.pk).update(agreed_content=agreed)
    enrollment.agreed_content = agreed
