"""The platform's workspace decides appeals; nobody else can make itself the platform."""

import uuid
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from projects.plan.models import Project
from projects.review.models import Source
from rlhfhub.tenancy import planes
from tests.deciders import PAY, SLUG, answer_to_appeal, appeal, decider
from tests.factories import Tenant
from tests.people import Annotator, make_user


@pytest.fixture
def answer(project: Project, annotators: list[Annotator]) -> uuid.UUID:
    return answer_to_appeal(project, annotators[0])


@pytest.mark.parametrize("guarded", [True, False])
def test_the_database_refuses_a_decision_that_no_annotator_made(
    workspace_a: Tenant,
    platform: Tenant,
    annotators: list[Annotator],
    answer: uuid.UUID,
    guarded: bool,
) -> None:
    appeal(answer, workspace_a, annotators)
    person = decider(platform)
    if not guarded:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE projects_review_decision DISABLE TRIGGER finishes")

    def forge() -> None:
        with transaction.atomic(), planes.as_system(), connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO projects_review_decision (id, workspace_id, annotation_id, annotator_id, stage, verdict, "
                "by, reviewer_id, note, decided_at) SELECT gen_random_uuid(), workspace_id, id, annotator_id, 2, "
                "'upheld', 'person', %s, 'Because.', clock_timestamp() FROM projects_work_annotation WHERE id = %s",
                [person.user.pk, answer],
            )

    if not guarded:
        forge()
        return
    with pytest.raises(DatabaseError) as refused:
        forge()
    diagnosis: Any = refused.value.__cause__
    assert diagnosis.diag.constraint_name == "decision_own_name"


def test_a_workspace_cannot_make_itself_the_platform(
    workspace_a: Tenant,
    platform: Tenant,
    annotators: list[Annotator],
    answer: uuid.UUID,
) -> None:
    """Only the system freezes appeals."""
    appeal(answer, workspace_a, annotators)
    with planes.as_system():
        row = Source.objects.get()
        row.pk = uuid.uuid4()
    with (
        planes.in_workspace(platform.pk),
        pytest.raises(DatabaseError, match="row-level security"),
        transaction.atomic(),
    ):
        row.save(force_insert=True)


def test_the_command_says_what_is_missing(database: None, settings: Any) -> None:
    settings.PLATFORM_WORKSPACE = ""
    with pytest.raises(CommandError, match="RLHFHUB_PLATFORM_WORKSPACE"):
        call_command("platform", price_minor=PAY)
    settings.PLATFORM_WORKSPACE = SLUG
    with pytest.raises(CommandError, match="create_staff"):
        call_command("platform", price_minor=PAY)


def test_a_strangers_workspace_is_not_the_platforms(workspace_a: Tenant, settings: Any) -> None:
    settings.PLATFORM_WORKSPACE = workspace_a.workspace.slug
    make_user("Boss", is_staff=True)
    with pytest.raises(CommandError, match="not staff"):
        call_command("platform", price_minor=PAY)
