"""Annotators' figures of planted answers, without a database."""

from dataclasses import replace
from typing import Any

import numpy as np

from projects.kinds import preference
from projects.quality import judged, people
from projects.quality.judged import Answered, Judgments, Question
from projects.stats.ratings import ratings

SCALE = preference.scale({"name": "q", "kind": "preference", "allow_tie": True})
ITEMS, HONEST = 200, 4


def planted() -> Question:
    """Four annotators who say the second response is better on each item, and one who says the first, always."""
    who = np.repeat(np.arange(HONEST + 1), ITEMS)
    item = np.tile(np.arange(ITEMS), HONEST + 1)
    label = np.where(who == HONEST, 0, 2)
    # The first four are shown each order as often; the last one chooses the response shown first.
    first = np.where(who == HONEST, 1, item % 2)
    data = ratings(item, who, label, np.arange(3))
    judgments = Judgments(data, np.zeros_like(who), 1000.0 + item, first)
    looks = np.where(first == 1, 0, 1)
    answered = Answered(who, (item < 50).astype(np.int64), 10.0 + item, looks)
    return Question(
        scale=SCALE,
        units=[(str(n), "q@0-1") for n in range(ITEMS)],
        annotators=[str(n) for n in range(HONEST + 1)],
        versions=["9"],
        first=judgments,
        accepted=replace(judgments, data=data.rows(np.zeros(0, dtype=np.int64))),
        answered=answered,
        newest=None,
    )


def figures() -> dict[int, dict[str, Any]]:
    return {int(one): columns for one, columns in people.figures_of(planted())}


def test_who_stands_out_is_named_and_in_which_direction() -> None:
    found = figures()
    assert [found[n]["agreement_direction"] for n in range(HONEST + 1)] == [1, 1, 1, 1, -1]
    assert [found[n]["first_direction"] for n in range(HONEST + 1)] == [0, 0, 0, 0, 1]


def test_the_counts_of_each() -> None:
    good, bad = figures()[0], figures()[HONEST]
    assert (good["answers"], good["accepted"], good["compared"]) == (200, 50, 200)
    assert (good["agreed"], bad["agreed"]) == (200, 0)
    assert (good["first_share"], bad["first_share"]) == (0.5, 1.0)
    assert (good["run"], bad["run"]) == (1, 200)
    assert good["median_seconds"] == 10 + (ITEMS - 1) / 2
    assert (good["ties"], good["tie_share"]) == (0, 0.0)
    assert 0 < bad["agreement_high"] < 0.05 and bad["agreement_low"] == 0


def test_agreement_over_time_is_in_even_spans() -> None:
    columns = figures()[0]
    assert len(columns["span_ends"]) == 10 and columns["span_compared"] == [20] * 10
    assert columns["span_ends"] == sorted(columns["span_ends"])
    assert columns["span_ends"][-1].timestamp() == 1000 + ITEMS - 1


def test_the_newest_differences_are_kept() -> None:
    found = figures()
    assert found[0]["differences"] == []
    newest = [int(one["item"]) for one in found[HONEST]["differences"]]
    assert newest == list(range(ITEMS - 1, ITEMS - 1 - people.DIFFERENCES, -1))
    assert {(one["said"], one["others"]) for one in found[HONEST]["differences"]} == {(-1, 1)}


def test_answers_are_put_in_the_order_of_time() -> None:
    """The database returns them in any order; runs, spans and the newest differences need the order."""
    rows = [
        (
            *(str(n), "1", "2", False, float(n), float(n)),
            *(None, None, ["q@0-1"], [(-1, 0, 1)[n % 3]], [0, 1]),
        )
        for n in range(60)
    ]
    shuffled = [rows[at] for at in np.random.default_rng(1).permutation(len(rows))]
    builder = judged._Builder(SCALE)
    judged._add({"q": builder}, shuffled)
    question = builder.made(None)
    assert question.first.when.tolist() == question.answered.seconds.tolist() == list(range(60))
    assert question.first.data.label.tolist() == [n % 3 for n in range(60)]
    assert question.first.chose_first.tolist() == [(1, -1, 0)[n % 3] for n in range(60)]
