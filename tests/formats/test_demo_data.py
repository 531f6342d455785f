"""The demo's items are what the reader takes, and do not say which answer is better."""

from __future__ import annotations

from projects.formats.reading.intake import copy_items
from projects.formats.reading.item_rules import ItemRules
from rlhfhub.devtools.demo_data import ITEMS, better_responses


def test_every_demo_item_is_taken() -> None:
    intake = copy_items(ITEMS, lambda block: None, ItemRules(2, 2))
    assert intake.clean
    assert intake.written == intake.received == 300


def test_the_truth_stands_apart_and_is_balanced() -> None:
    truth = better_responses()
    assert set(truth.values()) == {0, 1}
    assert 120 < sum(truth.values()) < 180
    text = ITEMS.read_text()
    assert '"gold"' not in text
    assert all(f'"{name}"' in text for name in truth)
    assert len(truth) == 300
