"""Services: join a project; accept its guidelines, which gives clearance; carry clearance over to minor versions."""

import secrets
import uuid
from typing import Any

from django.db import IntegrityError, connection, transaction

from annotators.profiles import selectors as profiles
from projects.enrollment import acceptances, clearing, eligibility
from projects.enrollment.models import Clearance, Enrollment, GuidelineAcceptance
from projects.plan.models import GuidelineVersion, Project
from rlhfhub.events import outbox
from rlhfhub.ground import locks
from rlhfhub.ground.refusals import Refused, invalid
from rlhfhub.tenancy import clock, prepared
from rlhfhub.tenancy.raw import constraint_of

ENROLLED = "enrollment.enrolled"
_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


def enroll(
    *, project: Project, annotator_id: uuid.UUID, agrees_to_content: bool = False
) -> Enrollment:
    """Enroll the annotator in the project. Enrolling again returns the same enrollment.

    `agrees_to_content` is whether they agree to see what the project contains and their profile avoids. Annotator
    plane, narrowed to the project.

    Raises: Refused (`not_open_to_you`) for a member in a market project, and for anybody else in an unpaid one: a
    trigger refuses both; Refused (`not_eligible`), naming what they lack, for somebody who does not meet what the
    project asks for.
    """
    known = Enrollment.objects.filter(project=project, annotator_id=annotator_id).first()
    if known:
        return known
    content = eligibility.asked_of(project).content if agrees_to_content else []
    eligibility.check(project=project, person=profiles.person(annotator_id), agreed=content)
    try:
        with transaction.atomic():
            enrollment = Enrollment.objects.create(
                workspace_id=project.workspace_id,
                project=project,
                annotator_id=annotator_id,
                pseudonym="A-" + "".join(secrets.choice(_LETTERS) for _ in range(6)),
                state=Enrollment.State.ONBOARDING,
                agreed_content=content,
            )
    except IntegrityError as error:
        if constraint_of(error) == "enrollment_access":
            raise Refused(
                "not_open_to_you",
                "This project is not open to you: members work in unpaid projects of their own workspace, "
                "everybody else in projects of the market.",
                status=409,
            ) from error
        known = Enrollment.objects.filter(project=project, annotator_id=annotator_id).first()
        if known is None:
            raise
        return known
    eligibility.renew(enrollment_id=enrollment.pk)
    outbox.emit(
        kind=ENROLLED,
        workspace_id=project.workspace_id,
        subject_id=enrollment.pk,
        data={"project_id": str(project.pk)},
    )
    return enrollment


def must_attest(project: Project) -> bool:
    """Return whether who accepts the guidelines of a project attests that they write their texts themselves."""
    form = project.form
    return project.machine_text == Project.MachineText.FORBIDDEN and bool(form and form.asks_text)


_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtextextended(%s, %s))"


def _hold_calibration(project: Project) -> None:
    """Read the project again, under the lock without which nobody switches its calibration on or off."""
    prepared.run(_ONE_AT_A_TIME, [str(project.pk), locks.ROUNDS_OF_A_PROJECT])
    project.refresh_from_db(fields=["guideline_version", "calibration", "machine_text"])


def accept_guideline(*, enrollment: Enrollment, number: int, attested: bool = False) -> Enrollment:
    """Record that the annotator accepts the version in force, and clear them for it.

    `attested` is whether they attest that they write their texts themselves. Who accepted the version before the
    project required that attests by accepting it again.

    An enrollment that is onboarding becomes active. Where the project asks for calibration, it becomes calibrating
    instead, and an attempt begins if a round is open. One that is calibrating where the project no longer asks for it
    becomes active.

    Raises: Refused (`not_in_force`) if `number` is not the version in force, because the annotator may not have read
    that one; Refused (`not_active`) if the enrollment is paused or ended; Refused (400) if the project requires them to
    attest and they do not; Refused (409) with what a later room has registered in `acceptances`.
    """
    _hold_calibration(enrollment.project)
    current = GuidelineVersion.objects.filter(pk=enrollment.project.guideline_version_id).first()
    if current is None or current.number != number:
        raise Refused(
            "not_in_force",
            "Another version of the guidelines is in force now. Read that version and accept it.",
            status=409,
        )
    if enrollment.state in {Enrollment.State.ENDED, Enrollment.State.PAUSED}:
        raise Refused(
            "not_active",
            f"Your enrollment in this project is {enrollment.state}, so you cannot accept guidelines.",
            status=409,
        )
    if must_attest(enrollment.project) and not attested:
        words = "Confirm that you write your texts yourself: this project allows no machine-written text."
        raise invalid("attested", words)
    keys: dict[str, Any] = {"enrollment": enrollment, "guideline_version": current}
    _record_acceptance(attested, workspace_id=enrollment.workspace_id, **keys)
    if enrollment.project.calibration == Project.Calibration.REQUIRED:
        clearing.begin_calibration(enrollment.pk)
        enrollment.refresh_from_db(fields=["state"])
        return enrollment
    Clearance.objects.get_or_create(workspace_id=enrollment.workspace_id, phase="main", **keys)
    if enrollment.state in {Enrollment.State.ONBOARDING, Enrollment.State.CALIBRATING}:
        Enrollment.objects.filter(pk=enrollment.pk).update(state=Enrollment.State.ACTIVE)
        enrollment.state = Enrollment.State.ACTIVE
    return enrollment


def _record_acceptance(attested: bool, **keys: Any) -> None:
    """Store that a version is accepted, and when it was attested first that texts are written without a machine."""
    at = clock.now() if attested else None
    try:
        with transaction.atomic():
            _, is_new = GuidelineAcceptance.objects.get_or_create(
                defaults={"attested_at": at}, **keys
            )
    except IntegrityError as error:
        refused = acceptances.refused_by(constraint_of(error))
        if refused is None:
            raise
        raise refused from error
    if attested and not is_new:
        GuidelineAcceptance.objects.filter(**keys, attested_at=None).update(attested_at=clock.now())


_CARRY_OVER = """
    INSERT INTO projects_enrollment_clearance
        (id, workspace_id, enrollment_id, guideline_version_id, phase, batch_id, cleared_at)
    SELECT rlhfhub_uuid7(), now.workspace_id, %(enrollment)s, now.id, cleared.phase, cleared.batch_id, clock_timestamp()
    FROM projects_plan_guidelineversion now CROSS JOIN LATERAL (
        SELECT DISTINCT ON (c.phase) c.phase, c.batch_id FROM projects_enrollment_clearance c
        JOIN projects_plan_guidelineversion v ON v.id = c.guideline_version_id
        WHERE c.enrollment_id = %(enrollment)s AND v.project_id = now.project_id AND v.number >= (
            SELECT max(m.number) FROM projects_plan_guidelineversion m
            WHERE m.project_id = now.project_id AND m.change = 'major' AND m.published_at IS NOT NULL
              AND m.number <= now.number)
        ORDER BY c.phase, v.number DESC) cleared
    WHERE now.id = %(version)s AND now.change = 'minor'
    ON CONFLICT DO NOTHING RETURNING phase
"""


def carry_over(*, enrollment_id: uuid.UUID, version_id: uuid.UUID) -> list[str]:
    """Clear the enrollment for a minor version if it is cleared for the last major version or a later one.

    A clearance for calibration keeps its batch.

    Returns: the phases for which it is newly cleared.
    """
    with connection.cursor() as cursor:
        cursor.execute(_CARRY_OVER, {"enrollment": enrollment_id, "version": version_id})
        return [phase for (phase,) in cursor.fetchall()]
