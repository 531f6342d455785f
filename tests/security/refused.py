"""Answers of a side's first two annotators that were rejected or sent back, and an item with a final answer."""

import uuid

from projects.review.services import returning
from rlhfhub.events import dispatch
from rlhfhub.tenancy import planes
from tests import paid_reviews
from tests.adjudications import adjudicate, prefers
from tests.rejections import appealed, reject
from tests.revisions import revise, send_back
from tests.security.side import Side

PEOPLE = 2


def answer_more(side: Side) -> None:
    """The first two annotators answer two more items each, which are rejected and sent back later."""
    for annotator in side.annotators[:PEOPLE]:
        for answers in (side.rejected, side.returned):
            lease = annotator.lease()
            assert lease
            done = annotator.submit(lease, 0, f"{side.mark} qzreason of {annotator.user.name}")
            assert done.status_code == 201, done.content
            answers.append(uuid.UUID(done.json()["id"]))


def decide(side: Side) -> None:
    """Of the side's answers some are adjudicated, rejected, sent back, appealed, and in a review's draft batch."""
    adjudicate_one(side)
    refuse(side)
    appeal_one(side)
    paid_reviews.ask(side.batch, side.tenant, which="share", percent=1)


def refuse(side: Side) -> None:
    """Reject one of them each, and send the other back, as the owner."""
    with planes.in_workspace(side.pk, side.tenant.owner.pk):
        for annotation_id in side.rejected:
            reject(annotation_id, side.tenant, note=f"{side.mark} qzrejected")
        for annotation_id in side.returned:
            returning.send_back(
                annotation_id=annotation_id,
                note=f"{side.mark} qzrevise",
                reviewer_id=side.tenant.owner.pk,
            )


def revise_one(side: Side) -> None:
    """One submitted annotation is returned for revision and submitted again."""
    send_back(side.waiting[0].pk, f"{side.mark} qzreturned")
    revise(side.waiting[0].pk, side.waiting[0].answer, side.waiting[0].judged)


def adjudicate_one(side: Side) -> None:
    """An item of an accepted annotation has a final answer."""
    item_id = side.accepted[0].item_id
    adjudicate(side.tenant, item_id, prefers("tie"), note=f"{side.mark} qzfinal")
    side.adjudicated = item_id


def appeal_one(side: Side) -> None:
    """One answer is rejected, its annotator appeals, and a replacement waits for the reserve."""
    second = side.annotators[1].user.pk
    one = next(one for one in side.waiting if one.annotator_id == second)
    side.waiting.remove(one)
    with planes.in_workspace(side.pk):
        reject(one.pk, side.tenant, note=f"{side.mark} qzrejected")
    appealed(one.pk, side.tenant, one.annotator_id, f"{side.mark} qzappeal")
    dispatch.drain()
