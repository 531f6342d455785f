"""Child projects: their items are answers of other projects, which their annotators judge."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from projects.kinds import form as forms
from projects.plan import services
from projects.plan.models import Form, GuidelineVersion, Project
from projects.plan.rules import Rule
from rlhfhub.tenancy import audit
from rlhfhub.tenancy.models import Workspace


@dataclass(frozen=True, slots=True)
class Terms:
    """Who judges in a child project, and for how much. `price_minor` is the pay for an answer."""

    access: str
    price_minor: int
    machine_text: str = Project.MachineText.FORBIDDEN
    programs: bool = False
    lease_minutes: int = 30
    estimated_seconds: int = 120


@dataclass(frozen=True, slots=True)
class Asked:
    """What a child project asks, and the guidelines by which its annotators answer.

    `rules` are those of the guidelines, if another project has given them their ids.
    """

    questions: Sequence[dict[str, Any]]
    guidelines: str
    rules: Sequence[Rule] | None = None


def create(
    *,
    workspace: Workspace,
    name: str,
    purpose: str,
    parent: Project | None,
    terms: Terms,
    actor_id: uuid.UUID,
) -> Project:
    """Create a child project, without questions and guidelines (`ask`). Workspace plane, inside a transaction.

    Raises: Refused, naming the field, for a price that the access forbids.
    """
    services.check_price(terms.access, terms.price_minor, workspace.currency)
    project = Project.objects.create(
        workspace=workspace,
        name=name,
        purpose=purpose,
        parent=parent,
        template=purpose,
        access=terms.access,
        price_minor=terms.price_minor,
        currency=workspace.currency,
        overlap=1,
        lease_minutes=terms.lease_minutes,
        estimated_seconds=terms.estimated_seconds,
        programs=terms.programs,
        machine_text=terms.machine_text,
        created_by_id=actor_id,
    )
    audit.note("project.create", project.pk, actor_id=actor_id)
    return project


def ask(*, project: Project, asked: Asked, actor_id: uuid.UUID) -> Project:
    """Let a child project ask these questions under these guidelines from its next batch on. Workspace plane.

    What it asks already is not published again. Other guidelines are a major version: they must be accepted again.

    Raises: Refused for guidelines that are too long or have too many headings.
    """
    if project.form is None or project.form.questions != list(asked.questions):
        project.form = _next_form(project, asked.questions)
        project.save(update_fields=["form"])
    if project.guideline_version is None or project.guideline_version.text != asked.guidelines:
        version = services.draft_guideline(
            project=project,
            text=asked.guidelines,
            change=GuidelineVersion.Change.MAJOR,
            created_by_id=actor_id,
            rules=asked.rules,
        )
        services.publish_guideline(version=version, actor_id=actor_id)
        project.refresh_from_db(fields=["guideline_version"])
    return project


def _next_form(project: Project, questions: Sequence[dict[str, Any]]) -> Form:
    errors = forms.check_form(list(questions))
    if errors:
        raise AssertionError(f"the form of a {project.purpose} project: {errors}")
    return Form.objects.create(
        workspace_id=project.workspace_id,
        project=project,
        version=project.form.version + 1 if project.form else 1,
        questions=list(questions),
        asks_text=forms.asks_text(questions),
    )
