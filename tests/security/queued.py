"""What waits or was asked for in a side: a bulk accept, which is undone, a sample check, a delivery that failed."""

from datetime import timedelta

from django.db import connection
from django.utils import timezone

from projects.review.bulk import services as bulk
from projects.review.samples import services as samples
from rlhfhub.tenancy import planes
from tests.security.side import Side


def ask(side: Side) -> None:
    """Ask to accept an answer in ten minutes, and undo it. Draw a sample of an annotator's answers that wait."""
    owner = side.tenant.owner.pk
    with planes.in_workspace(side.pk, owner):
        made = bulk.request_accept(
            project=side.project,
            annotation_ids=[side.waiting[-1].pk],
            member_id=owner,
        )
        bulk.undo(bulk_id=made.pk, member_id=owner)
        check = samples.draw(
            batch=side.batch,
            enrollment=side.annotators[0].enrollment,
            bound_percent=5,
            confidence_percent=95,
            member_id=owner,
        )
    side.bulk_accept, side.sample_check = made.pk, check.pk


def fail_a_delivery(side: Side) -> None:
    """A handler that nobody has any more failed once."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO rlhfhub_events_delivery (id, workspace_id, event_id, event_created_at, handler, attempts,"
            " next_at, error) VALUES (gen_random_uuid(), %s, gen_random_uuid(), now(), 'nobody', 1, %s, %s)",
            [side.pk, timezone.now() + timedelta(days=1), f"{side.mark} error"],
        )
