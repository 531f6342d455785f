"""For every kind: `restore` and `recall` are inverses, take parts and anything, and lose no typed text."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from projects.kinds import form
from tests.examples import examples
from tests.kinds.examples import Asked, asked, leases, questions_of

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["tie", "both_bad", "aaaa", "bbbb"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["choice", "strength", "aaaa", "bbbb"]) | st.text(max_size=3),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)


@settings(deadline=None)
@given(asked())
def test_a_valid_answer_comes_back(one: Asked) -> None:
    kind, question = one.kind, one.question
    assert kind.check_answer(question, one.answer, one.keys) == []
    stored = kind.restore(question, one.answer, one.keys, one.shown)
    assert stored is not None
    assert kind.recall(question, stored, one.keys, one.shown) == one.answer


@settings(deadline=None)
@given(asked(partial=True))
def test_a_part_of_an_answer_comes_back(one: Asked) -> None:
    stored = one.kind.restore(one.question, one.answer, one.keys, one.shown)
    assert stored is not None
    assert one.kind.recall(one.question, stored, one.keys, one.shown) == one.answer


@settings(deadline=None)
@given(asked(partial=True), st.data())
def test_what_is_stored_is_the_same_under_another_lease(one: Asked, data: st.DataObject) -> None:
    """A draft is kept by item: the next lease shows another order under other keys."""
    keys, shown = data.draw(leases(len(one.shown)))
    stored = one.kind.restore(one.question, one.answer, one.keys, one.shown)
    recalled = one.kind.recall(one.question, stored, keys, shown)
    assert one.kind.restore(one.question, recalled, keys, shown) == stored
    assert one.kind.judgments(one.question, stored) == one.kind.judgments(
        one.question, one.kind.restore(one.question, recalled, keys, shown)
    )


@settings(deadline=None)
@given(asked())
def test_a_finished_answer_has_its_judgments_a_summary_and_a_reference(one: Asked) -> None:
    kind, question = one.kind, one.question
    stored = kind.restore(question, one.answer, one.keys, one.shown)
    scale = kind.scale(question)
    judged = kind.judgments(question, stored)
    assert bool(judged) == (scale is not None)
    if scale is not None:
        assert all(scale.category(value) is not None for _, value in judged)
        assert kind.hit(question, stored, stored) is True
        assert kind.agree(question, stored, stored) == 1
    assert kind.summarize(question, stored, one.shown).strip()


@settings(max_examples=examples(300), deadline=None)
@given(
    st.sampled_from(["preference", "rating", "text"]).flatmap(
        lambda name: st.sampled_from(questions_of(name))
    ),
    JSON,
    JSON,
)
def test_nothing_that_a_draft_may_hold_raises(
    question: dict[str, Any], value: Any, other: Any
) -> None:
    keys, shown = ["aaaa", "bbbb"], [1, 0]
    questions = [question]
    stored = form.restore_answer(questions, {"q": value}, keys, shown)
    assert (
        form.restore_answer(
            questions, form.recall_answer(questions, stored, keys, shown), keys, shown
        )
        == stored
    )
    form.recall_answer(questions, {"q": value}, keys, shown)
    units, values = form.judgments_of(questions, {"q": value})
    assert len(units) == len(values)
    form.summary_of(questions, {"q": value}, shown)
    form.marks_of(questions, {"q": value})


@given(st.text())
def test_typed_text_is_never_lost(text: str) -> None:
    [question, _] = questions_of("text")
    stored = form.restore_answer([question], {"q": text}, ["a", "b"], [1, 0])
    assert form.recall_answer([question], stored, ["c", "d"], [0, 1]) == {"q": text}
