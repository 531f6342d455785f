"""Real labels in permuted time: nobody changed, and who is inverted on the way is found."""

from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from projects.quality.monitors.signs import CHANCE
from projects.quality.replay import Inverted, replay
from projects.stats.pairs import colluding_pairs
from projects.stats.ratings import Ratings
from tests.quality.dentists import DENTISTS, TEETH, dentists


@pytest.fixture(scope="module")
def labels() -> Ratings:
    return dentists(every=8)


def test_the_table_is_whole() -> None:
    assert sum(TEETH) == 3869
    data = dentists()
    caries = np.bincount(data.annotator, weights=data.label) / 3869
    assert caries.argmax() == 4 and len(data.item) == 5 * 3869


def test_nobody_who_goes_on_as_always_is_accused_more_often_than_stated(labels: Ratings) -> None:
    """The fifth dentist sees caries twice as often as the others do, always: that is no change."""
    found = [replay(labels, f"order {seed}") for seed in range(4)]
    total = sum(one.labels for one in found)
    stated = sum(rate for kind, rate in CHANCE.items() if kind != "moved")
    assert total > 9000
    assert sum(one.alarms().total() for one in found) <= stated * total / 10_000
    assert colluding_pairs(labels) == []


@pytest.mark.parametrize("dentist", range(DENTISTS))
def test_who_is_inverted_after_150_is_found_and_the_change_dated(
    labels: Ratings, dentist: int
) -> None:
    found = replay(labels, "inverted", inverted=Inverted(dentist, after=150))
    alarms = found.by_annotator()[dentist]
    assert 150 < alarms[0].after <= 200
    assert abs(alarms[0].since - 150) <= 30
    accused = {who for who, raised in found.by_annotator().items() if raised[0].after <= 200}
    assert accused == {dentist}


def test_the_command_says_what_was_found(tmp_path: Path, labels: Ratings) -> None:
    path = tmp_path / "labels.csv"
    rows = zip(labels.item, labels.annotator, labels.label, strict=True)
    path.write_text("item,annotator,label\n" + "\n".join(f"{a},d{b},{c}" for a, b, c in rows))
    out = StringIO()
    call_command("annotator_replay", ratings=path, orders=1, inverted=1, stdout=out)
    text = out.getvalue()
    assert "in 2485 labels" in text.splitlines()[0] and "are stated" in text
    assert "inverted after 150: " in text and "not found" not in text
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("annotator_replay", ratings=tmp_path / "none.csv")
