"""Equal and nearly equal texts are grouped; texts about the same thing in other words are not."""

import random

import pytest

from projects.stats.near_texts import near_copies, normalized

FIRST = "The first response explains each step of the proof and names the theorem that it rests on."
OTHER = "The second one is shorter, but it leaves the reader without any idea of how to go on from here."


def test_case_and_punctuation_do_not_matter() -> None:
    assert normalized("  The FIRST,  response… Explains! ") == "the first response explains"
    assert near_copies([FIRST, OTHER, FIRST.upper().replace(" ", "  ")]) == [[0, 2]]


def test_a_changed_word_is_found_in_a_long_text() -> None:
    words = f"{FIRST} {OTHER}".split()
    changed = " ".join([*words[:20], "really", *words[20:]])
    assert near_copies([OTHER, f"{FIRST} {OTHER}", changed]) == [[1, 2]]


def test_other_words_are_no_copy() -> None:
    again = "Each step of the proof is explained by the first response, which also names the theorem used."
    assert near_copies([FIRST, again, OTHER]) == []
    assert near_copies([]) == near_copies(["", "  ", "…"]) == near_copies([FIRST]) == []


def test_texts_without_blanks_are_compared_too() -> None:
    assert near_copies(
        ["第一个回答更好因为它引用了来源", "第一个回答更好因为它引用了来源", "好"]
    ) == [[0, 1]]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.slow
def test_near_copies_among_many_are_found(seed: int) -> None:
    """Ten of two thousand texts are copies of others with a word or two replaced."""
    draw = random.Random(seed)
    vocabulary = [f"w{n}" for n in range(3000)]
    texts = [" ".join(draw.choices(vocabulary, k=60)) for _ in range(2000)]
    for at in range(10):
        words = texts[at].split()
        words[draw.randrange(3, 57)] = "changed"
        texts.append(" ".join(words))
    assert sorted(near_copies(texts)) == [[at, 2000 + at] for at in range(10)]
