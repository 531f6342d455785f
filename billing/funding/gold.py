"""Gold of a batch: whether there are enough keyed items for its plan, which of them are drawn, and where they stand."""

import random
import uuid
from dataclasses import dataclass

from django.db.models import Exists, OuterRef

from billing.funding.models import Funding
from projects.calibration.selectors import told_items
from projects.items.keys import selectors as keys
from projects.items.models import Batch, Item
from projects.items.services import plan_of
from projects.work import measured
from projects.work.services.slots import Placement
from rlhfhub.ground.refusals import Refused

MOST_PLACEMENTS = 10
"""How often a keyed item stands in the queue of one batch at most."""


@dataclass(frozen=True, slots=True)
class Supply:
    """How many keyed items there are that can be gold in a batch, and how many its plan needs."""

    there: int
    needed: int

    @property
    def missing(self) -> int:
        """How many keyed items are missing, 0 or more."""
        return max(0, self.needed - self.there)


def supply_of(batch: Batch, gold_items: int) -> Supply:
    """Return the supply of gold for so many placements. The batch must have been read with project and form."""
    needed = -(-gold_items // MOST_PLACEMENTS)
    return Supply(len(_usable(batch)) if gold_items else 0, needed)


def check(batch: Batch, gold_items: int) -> None:
    """Raise Refused if there are too few keyed items for so many placements in the batch's queue."""
    supply = supply_of(batch, gold_items)
    if supply.missing:
        words = (
            f"{batch.gold_percent} % gold takes {supply.needed} keyed items on which three people agree and whose "
            f"right answer nobody has read after calibration, and there are {supply.there}. Add keyed items or lower "
            "the percentage. Nothing was moved."
        )
        raise Refused("too_little_gold", words, status=409)


def _usable(batch: Batch) -> set[uuid.UUID]:
    """The keyed items that can be gold in this batch.

    Their content must not be among its items as well, and no annotator may have read their right answer in the feedback
    of calibration: whoever passed could tell it others.
    """
    twins = Item.objects.filter(
        project=batch.project_id, batch=batch, content_key=OuterRef("content_key")
    )
    ids = set(keys.gold_items(batch.project)) - told_items(batch.project_id)
    return set(
        Item.every.filter(~Exists(twins), pk__in=ids, repeat_of=None).values_list("pk", flat=True)
    )


@dataclass(slots=True)
class _Candidate:
    item_id: uuid.UUID
    is_usable: bool
    exposures: int
    placements: int


def drawn(run: Funding, batch: Batch, items: int) -> list[Placement]:
    """Draw the gold that stands among the next `items` items of the run, and where it stands. Workspace plane.

    All chunks together get exactly `run.gold_items`. Every order of the chunk's items and its gold is equally likely.
    The pool's row is locked until the end of the transaction.
    """
    plan = plan_of(batch)
    count = plan.gold(run.items_done + items) - plan.gold(run.items_done)
    if not count:
        return []
    # The draw can be repeated from the seed.
    draw = random.Random(f"{run.seed}:{run.next_seq}")  # noqa: S311
    chosen = _chosen(_candidates(run, batch), count, run.overlap, draw)
    draw.shuffle(chosen)
    return [
        Placement(item, after)
        for item, after in zip(chosen, positions(items, count, draw), strict=True)
    ]


def positions(items: int, count: int, draw: random.Random) -> list[int]:
    """Draw where `count` places stand among `items` items: for each, how many of the items are ahead of it.

    All sets of positions in the whole queue of `items + count` are equally likely.
    """
    drawn = sorted(draw.sample(range(items + count), count))
    return [position - nth for nth, position in enumerate(drawn)]


def _candidates(run: Funding, batch: Batch) -> list[_Candidate]:
    pool = Batch.every.select_for_update().get(project=batch.project_id, is_pool=True)
    usable, uses = _usable(batch), measured.uses_of(batch.project_id, run.pk)
    rows = Item.every.filter(batch=pool, repeat_of=None).order_by("pk")
    nothing = measured.Use()
    return [
        _Candidate(
            item_id,
            item_id in usable,
            uses.get(item_id, nothing).slots,
            uses.get(item_id, nothing).of_run // run.overlap,
        )
        for item_id in rows.values_list("pk", flat=True)
    ]


def _chosen(
    candidates: list[_Candidate], count: int, overlap: int, draw: random.Random
) -> list[uuid.UUID]:
    """The least exposed first, ties at random; none a second time before all were drawn once.

    Keys may have been retired since the run was paid for. Other keyed items then take the placements that are left, so
    that the run can be finished; answers to them are not judged.
    """
    chosen: list[uuid.UUID] = []
    for usable in (True, False):
        left = [each for each in candidates if each.is_usable == usable]
        while len(chosen) < count:
            left = [each for each in left if each.placements < MOST_PLACEMENTS]
            if not left:
                break
            draw.shuffle(left)
            for each in sorted(left, key=lambda one: one.exposures)[: count - len(chosen)]:
                each.placements += 1
                each.exposures += overlap
                chosen.append(each.item_id)
    return chosen
