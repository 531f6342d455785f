"""Services: create a project, and change its settings. Those of its guidelines are in `versions`."""

import uuid
from collections.abc import Sequence
from typing import Any

from projects.kinds import form as forms
from projects.plan.models import Form, Project
from projects.plan.templates import TEMPLATES
from projects.plan.versions import GUIDELINE_PUBLISHED as GUIDELINE_PUBLISHED
from projects.plan.versions import MAX_GUIDELINE_CHARS as MAX_GUIDELINE_CHARS
from projects.plan.versions import draft_guideline as draft_guideline
from projects.plan.versions import publish_guideline as publish_guideline
from rlhfhub.ground import locks
from rlhfhub.ground.money import format_minor
from rlhfhub.ground.refusals import Refused, invalid
from rlhfhub.tenancy import audit, clock, prepared
from rlhfhub.tenancy.models import Membership, Workspace
from rlhfhub.tenancy.roles import Role

# Low enough for the cost of the largest batch to fit a bigint.
MAX_PRICE_MINOR = 10**9
MAX_RECALIBRATE_DAYS = 365
_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtextextended(%s, %s))"


def create_project(
    *,
    workspace: Workspace,
    name: str,
    template: str,
    created_by_id: uuid.UUID,
    access: str = Project.Access.MEMBERS,
    price_minor: int = 0,
    overlap: int = 3,
    lease_minutes: int = 30,
    auto_accept_hours: int = 72,
    estimated_seconds: int = 60,
    calibration: str = Project.Calibration.NONE,
    programs: bool | None = None,
    machine_text: str = Project.MachineText.FORBIDDEN,
    taste_questions: Sequence[str] | None = None,
) -> Project:
    """Create a project, with the template's questions as the first version of its form.

    Unless `programs` says it, annotators may answer by program only in an unpaid project. `taste_questions` names the
    questions without a right answer, by default those of the template.

    Raises: Refused, naming the field, for an unknown template, access, calibration, `machine_text` or question and for
    a price that the access forbids.
    """
    if template not in TEMPLATES:
        raise invalid("template", f"This must be one of: {', '.join(TEMPLATES)}.")
    _check_calibration(calibration)
    _check_choice("machine_text", machine_text, Project.MachineText.values)
    check_price(access, price_minor, workspace.currency)
    taste = TEMPLATES[template].taste if taste_questions is None else taste_questions
    _check_taste(TEMPLATES[template].questions, taste)
    project = Project.objects.create(
        workspace=workspace,
        name=name,
        template=template,
        access=access,
        price_minor=price_minor,
        currency=workspace.currency,
        overlap=overlap,
        lease_minutes=lease_minutes,
        auto_accept_hours=auto_accept_hours,
        estimated_seconds=estimated_seconds,
        calibration=calibration,
        calibration_since=clock.now() if calibration == Project.Calibration.REQUIRED else None,
        programs=access == Project.Access.MEMBERS if programs is None else programs,
        machine_text=machine_text,
        taste_questions=list(taste),
        created_by_id=created_by_id,
    )
    project.form = _first_form(project)
    project.save(update_fields=["form"])
    audit.note("project.create", project.pk, actor_id=created_by_id)
    return project


def set_watch(
    *,
    project: Project,
    actor_id: uuid.UUID | None,
    programs: bool | None = None,
    on_alarm: str | None = None,
    machine_text: str | None = None,
    taste_questions: Sequence[str] | None = None,
) -> Project:
    """Change whether annotators may answer by program or let a machine write texts, what an alert does, and
    which questions have no right answer.

    Raises: Refused for an unknown `on_alarm`, `machine_text` or question.
    """
    given: dict[str, Any] = {
        "programs": programs,
        "on_alarm": on_alarm,
        "machine_text": machine_text,
    }
    if taste_questions is not None:
        _check_taste(project.form.questions if project.form else [], taste_questions)
        given["taste_questions"] = list(taste_questions)
    if on_alarm is not None:
        _check_choice("on_alarm", on_alarm, Project.OnAlarm.values)
    if machine_text is not None:
        _check_choice("machine_text", machine_text, Project.MachineText.values)
    changed = {name: value for name, value in given.items() if value is not None}
    for name, value in changed.items():
        setattr(project, name, value)
    if changed:
        project.save(update_fields=list(changed))
        audit.note("project.watch", project.pk, actor_id=actor_id, data=changed)
    return project


def _first_form(project: Project) -> Form:
    questions = TEMPLATES[project.template].questions
    errors = forms.check_form(questions)
    if errors:
        raise AssertionError(f"template {project.template}: {errors}")
    return Form.objects.create(
        workspace_id=project.workspace_id,
        project=project,
        version=1,
        questions=questions,
        asks_text=forms.asks_text(questions),
    )


def check_price(access: str, price_minor: int, currency: str) -> None:
    """Check the price of an answer. Raises: Refused, naming the field, for a price that the access forbids."""
    _check_choice("access", access, Project.Access.values)
    if access == Project.Access.MEMBERS and price_minor:
        raise invalid(
            "price_minor",
            "Members work unpaid in their own workspace. Set this to 0, or choose annotators of the market.",
        )
    if access == Project.Access.MARKET and price_minor <= 0:
        raise invalid(
            "price_minor", "Annotators of the market are paid. Enter a price of more than 0."
        )
    if price_minor > MAX_PRICE_MINOR:
        most = format_minor(MAX_PRICE_MINOR, currency)
        raise invalid("price_minor", f"This must be at most {most}.")


def _check_taste(questions: list[dict[str, Any]], taste: Sequence[str]) -> None:
    judged = forms.scales_of(questions)
    for name in taste:
        if name not in judged:
            raise invalid("taste_questions", f"These must be among: {', '.join(judged)}.")


def _check_choice(field: str, value: str, choices: Sequence[str]) -> None:
    if value not in choices:
        raise invalid(field, f"This must be one of: {', '.join(choices)}.")


def _check_calibration(calibration: str) -> None:
    _check_choice("calibration", calibration, Project.Calibration.values)


def _check_owner(actor_id: uuid.UUID | None) -> None:
    if not Membership.objects.filter(user=actor_id, role=Role.OWNER).exists():
        words = "Only an owner of the workspace can switch calibration off."
        raise Refused("owners_only", words, status=403)


def change_calibration(
    *,
    project: Project,
    calibration: str,
    recalibrate_days: int | None,
    actor_id: uuid.UUID | None,
) -> Project:
    """Change whether annotators must pass a calibration round, and after how many days again. Workspace plane.

    Who works already goes on working until the next major version of the guidelines. When the project asks for
    calibration no more, running attempts are left, and who was recalibrated has their main work back at once.

    Raises: Refused, naming the field, for an unknown `calibration` and for days that are not from 1 to 365; Refused
    (403) if somebody who is no owner switches calibration off, for that goes round the gate of main batches.
    """
    _check_calibration(calibration)
    if recalibrate_days is not None and not 1 <= recalibrate_days <= MAX_RECALIBRATE_DAYS:
        words = f"This must be a whole number from 1 to {MAX_RECALIBRATE_DAYS}, or empty."
        raise invalid("recalibrate_days", words)
    # Attempts begin under this lock, and then refer to the project: so it comes before the project's row.
    prepared.run(_ONE_AT_A_TIME, [str(project.pk), locks.ROUNDS_OF_A_PROJECT])
    project = Project.objects.select_for_update().get(pk=project.pk)
    if project.purpose != Project.Purpose.WORK and calibration == Project.Calibration.REQUIRED:
        words = "This project judges answers of others, so it has no keyed items to calibrate with."
        raise invalid("calibration", words)
    if project.calibration == Project.Calibration.REQUIRED != calibration:
        _check_owner(actor_id)
    required = calibration == Project.Calibration.REQUIRED
    project.calibration_since = (project.calibration_since or clock.now()) if required else None
    project.calibration, project.recalibrate_days = calibration, recalibrate_days
    project.save(update_fields=["calibration", "calibration_since", "recalibrate_days"])
    data = {"calibration": calibration, "recalibrate_days": recalibrate_days}
    audit.note("project.calibration", project.pk, actor_id=actor_id, data=data)
    return project
