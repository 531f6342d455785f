"""Having answers reviewed by paid people: a draft batch of a review's project, with the answers frozen as its items."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection

from projects.items import services as batches
from projects.items.models import Batch
from projects.items.services import Plan
from projects.plan import children
from projects.plan.models import Form, Project
from projects.review.children import freezing, questions
from projects.work.models import Annotation
from rlhfhub.ground import locks
from rlhfhub.ground.refusals import Refused, invalid
from rlhfhub.tenancy import audit, prepared
from rlhfhub.tenancy.models import Workspace

MOST = 2_000
"""So many answers fit into one batch of a review: they are frozen in one request."""
MOST_REVIEWERS = 3
WHICH = {"all": "All of them", "share": "A random share", "flagged": "Those with flags"}
_PAGE = 200
_SHOWN = ("item__prompt", "item__responses", "item__context", "lease__shown")
_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtextextended(%s, %s))"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which undecided answers of a batch are reviewed, by how many people each, and who they are.

    `which` is a key of `WHICH`; `percent` is how many of the answers a random share has. `access` and `price_minor`
    are those of the review's project.
    """

    which: str
    reviewers: int
    access: str
    price_minor: int
    percent: int = 100


@dataclass(frozen=True, slots=True)
class Asked:
    """A draft batch of a review: how many answers it has, and how many were left out because they are too long."""

    batch: Batch
    answers: int
    too_long: int


def ask(*, batch: Batch, wanted: Wanted, actor_id: uuid.UUID) -> Asked:
    """Make a draft batch for the review of a batch's undecided answers. Workspace plane, inside a transaction.

    The first review at a price makes the project in which it is done. Nobody is asked, and no money moves, before the
    batch is funded and opened as any other. An answer is in one review at a time.

    Raises: Refused, naming the field, for a wrong choice; and if the project is itself a review, has no guidelines, or
    no answers are left to review, or too many.
    """
    _check(batch.project, wanted)
    prepared.run(_ONE_AT_A_TIME, [str(batch.project_id), locks.REVIEWS_OF_A_PROJECT])
    ids = _chosen(batch, wanted)
    project = _project(batch.project, wanted, actor_id)
    plan = Plan(wanted.reviewers, share_percent=0)
    name = f"Review of {batch}"[:120]
    made = batches.create_batch(project=project, name=name, plan=plan, actor_id=actor_id)
    receipt = freezing.load(batch=made, rows=_frozen(ids), actor_id=actor_id)
    freezing.remember_sources(made)
    made.refresh_from_db()
    data = {"answers": receipt.created, "reviewers": wanted.reviewers}
    audit.note("review.ask", batch.pk, actor_id=actor_id, data=data)
    return Asked(made, receipt.created, receipt.rejected_count)


def _check(project: Project, wanted: Wanted) -> None:
    if wanted.which not in WHICH:
        raise invalid("which", f"This must be one of: {', '.join(WHICH)}.")
    if not 1 <= wanted.reviewers <= MOST_REVIEWERS:
        raise invalid("reviewers", f"This must be a whole number from 1 to {MOST_REVIEWERS}.")
    if not 1 <= wanted.percent <= 100:
        raise invalid("percent", "This must be a whole number from 1 to 100.")
    if project.purpose != Project.Purpose.WORK:
        words = "These answers are reviews themselves. Accept them, or send them back, on the page of reviews."
        raise Refused("is_review", words, status=409)


# Undecided answers that are in no open review as they stand, and that no bulk accept is about to accept.
_ANSWERS = """
    FROM projects_work_annotation a
    WHERE a.project_id = %(project)s AND a.batch_id = %(batch)s AND a.state = 'submitted' AND a.purpose = 'data'
      AND NOT EXISTS (SELECT 1 FROM projects_review_bulkanswer n WHERE n.annotation_id = a.id AND n.outcome = '')
      AND (%(which)s <> 'flagged' OR EXISTS (SELECT 1 FROM projects_review_flag f WHERE f.annotation_id = a.id))
      AND NOT EXISTS (
          SELECT 1 FROM projects_review_source s JOIN projects_items_item i ON i.id = s.item_id
          JOIN projects_items_batch b ON b.id = i.batch_id
          WHERE s.annotation_id = a.id AND s.purpose = 'review' AND s.revised_at IS NOT DISTINCT FROM a.revised_at
            AND b.status NOT IN ('closed', 'signed_off'))
"""
_COUNT = f"SELECT count(*) {_ANSWERS}"
# FOR SHARE: nobody revises one before it is frozen.
_CHOSEN = f"SELECT a.id {_ANSWERS} ORDER BY random() LIMIT %(most)s FOR SHARE OF a"


def _chosen(batch: Batch, wanted: Wanted) -> list[uuid.UUID]:
    """Return the ids of the answers to review, in the order in which they were given.

    Raises: Refused if there are none, or more than fit.
    """
    values: dict[str, Any] = {"project": batch.project_id, "batch": batch.pk, "which": wanted.which}
    most = MOST + 1
    with connection.cursor() as cursor:
        if wanted.which == "share":
            cursor.execute(_COUNT, values)
            most = min(most, -(-cursor.fetchone()[0] * wanted.percent // 100))
        cursor.execute(_CHOSEN, values | {"most": most})
        found = [annotation_id for (annotation_id,) in cursor.fetchall()]
    if not found:
        words = (
            "No undecided answer of this batch is left for such a review. Those in a review, or about to be accepted "
            "together, are left out."
        )
        raise Refused("no_answers", words, status=409)
    if len(found) > MOST:
        words = (
            f"These are more than {MOST:,} answers, and one review takes no more. Choose a random share of them; the "
            "others can be reviewed afterwards."
        )
        raise Refused("too_many", words, status=409)
    return sorted(found)


def _project(parent: Project, wanted: Wanted, actor_id: uuid.UUID) -> Project:
    """Return the project for reviews of the parent's answers at this price; it is made on first use."""
    version = parent.guideline_version
    if version is None:
        words = "Publish guidelines first: reviewers judge by them."
        raise Refused("no_guidelines", words, status=409)
    known = Project.objects.select_related("form", "guideline_version").filter(
        parent=parent,
        access=wanted.access,
        price_minor=wanted.price_minor,
        status=Project.Status.ACTIVE,
    )
    project = known.first() or _made(parent, wanted, actor_id)
    return children.ask(project=project, asked=questions.of_review(version), actor_id=actor_id)


def _made(parent: Project, wanted: Wanted, actor_id: uuid.UUID) -> Project:
    return children.create(
        workspace=Workspace.objects.get(pk=parent.workspace_id),
        name=f"Review: {parent.name}"[:120],
        purpose=Project.Purpose.REVIEW,
        parent=parent,
        terms=children.Terms(
            access=wanted.access,
            price_minor=wanted.price_minor,
            machine_text=parent.machine_text,
            programs=parent.programs,
            lease_minutes=parent.lease_minutes,
        ),
        actor_id=actor_id,
    )


def _frozen(ids: list[uuid.UUID]) -> Iterator[tuple[uuid.UUID, dict[str, Any]]]:
    """Yield each answer's id and the item that shows it, reading a page of them at a time."""
    forms: dict[uuid.UUID, Form] = {}
    for start in range(0, len(ids), _PAGE):
        page = Annotation.objects.filter(pk__in=ids[start : start + _PAGE])
        for row in (
            page.select_related("item", "lease").only("answer", "form_id", *_SHOWN).order_by("pk")
        ):
            if row.form_id not in forms:
                forms[row.form_id] = Form.objects.get(pk=row.form_id)
            yield row.pk, freezing.frozen(row, forms[row.form_id].questions, {})
