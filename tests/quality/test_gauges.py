"""One step of each monitor, by hand: what raises an alarm, what does not, and that the state stays small JSON."""

import json
import random
import time
from math import log

import pytest

from projects.kinds import preference
from projects.kinds.protocol import Category, Scale
from projects.quality.monitors import gauges, signs
from projects.quality.monitors.gauges import Look, Rules, Step, Timed
from projects.quality.monitors.question import GOLD_RULES, Watched, classes_of, rules_of
from projects.stats.judgment import Judgment, inferred, known


def steps(gauge: object, values: list[object]) -> list[Step]:
    """The steps of a gauge over values, its state passed through JSON as the database does."""
    state: dict[str, object] = {}
    found = []
    for value in values:
        step = gauge(state, value)  # type: ignore[operator]
        found.append(step)
        state = json.loads(json.dumps(step.state))
    return found


def test_one_side_raises_an_alarm_either_way() -> None:
    first = steps(gauges.step_side, [True] * 40)
    alarm = next(at for at, step in enumerate(first, start=1) if step.alarm)
    assert alarm == 34 and first[alarm - 1].age == 34
    second = steps(gauges.step_side, [False] * 30)
    assert [step.level for step in second] == [step.level for step in first[:30]]
    assert not any(step.alarm for step in steps(gauges.step_side, [True, False] * 200))


def test_a_run_that_the_order_explains_not_is_suspicious() -> None:
    look = Look("first", 0.5, True)
    found = steps(gauges.step_labels, [look] * 20)
    assert alarms(found) == [19]
    assert found[18].age == 19
    broken = [look] * 15 + [Look("other", 0.5, True)] + [look] * 15
    assert not any(step.alarm for step in steps(gauges.step_labels, broken))


def alarms(found: list[Step]) -> list[int]:
    return [at for at, step in enumerate(found, start=1) if step.alarm]


def test_one_side_raises_one_alarm_until_it_is_stronger_or_has_ended() -> None:
    assert len(alarms(steps(gauges.step_side, [True] * 600))) == 1
    often = [n % 4 > 0 for n in range(600)]
    once = steps(gauges.step_side, often)
    assert len(alarms(once)) == 1
    assert gauges.side_level(once[-1].state) == 1, "it stays a sign beside answers that are fast"
    assert len(alarms(steps(gauges.step_side, [*often, *[True] * 80]))) == 2
    fair = [n % 2 > 0 for n in range(120)]
    again = steps(gauges.step_side, [*often, *fair, *often])
    assert len(alarms(again)) == 2 and gauges.side_level(again[719].state) < 1


def test_a_run_raises_one_alarm_until_it_is_much_longer_or_has_ended() -> None:
    same, other = Look("first", 0.5, True), Look("other", 0.5, True)
    assert alarms(steps(gauges.step_labels, [same] * 37)) == [19]
    assert alarms(steps(gauges.step_labels, [same] * 75)) == [19, 38]
    broken = [*[same] * 20, other]
    lasting = steps(gauges.step_labels, broken * 5)
    assert alarms(lasting) == [19], "one other answer does not end the habit"
    last = lasting[-1]
    assert gauges.labels_level(last.state, last.level) == 1
    ended = steps(gauges.step_labels, [*broken, *[other, same] * 20, *[same] * 20])
    assert alarms(ended) == [19, 79]


def test_a_habit_explains_a_run_where_taste_decides() -> None:
    """Somebody who says 'fine' of nine in ten items is not accused of saying it twenty times in a row."""
    draw = random.Random(3)
    looks = [
        Look("fine" if draw.random() < 0.9 else "bad", 0.5, depends_on_order=False)
        for _ in range(400)
    ]
    assert not any(step.alarm for step in steps(gauges.step_labels, looks))
    by_order = [Look(look.text, 0.5, depends_on_order=True) for look in looks]
    assert any(step.alarm for step in steps(gauges.step_labels, by_order))
    constant = steps(gauges.step_labels, [Look("fine", 0.5, False)] * 250)
    assert any(step.alarm for step in constant), "but not of saying nothing else at all"


def test_no_run_means_anything_before_shares_are_known() -> None:
    assert not any(step.level for step in steps(gauges.step_labels, [Look("a", None, True)] * 50))


def test_few_looks_are_kept() -> None:
    found = steps(gauges.step_labels, [Look(str(n), 0.1, False) for n in range(100)])
    assert len(found[-1].state["looks"]) == gauges.LOOKS


def timed(seconds: float, usual: float | None = 60.0, words: float = 200.0) -> Timed:
    return Timed(seconds, words, usual, log(seconds))


def test_fast_alone_is_not_bad_and_impossible_is() -> None:
    state: dict[str, object] = {}
    for at in range(1, 41):
        found = gauges.step_time(state, timed(12.0))
        state = found.step.state
        assert found.is_fast == (at >= 10) and not found.is_impossible
        assert signs.of_speed(found, side=0.8, labels=0.1, guessing=0.0) == ()
    assert signs.of_speed(found, side=0.9, labels=0.1, guessing=0.9) == ("fast", "side", "guessing")
    for _ in range(10):
        found = gauges.step_time(state, timed(0.5))
        state = found.step.state
    assert found.is_impossible, "200 words in half a second, ten times"
    assert signs.of_speed(found, side=0.0, labels=0.0, guessing=0.0) == ("impossible",)
    assert not gauges.step_time(gauges.forget_speed(state), timed(0.5)).is_impossible


def test_nobody_is_fast_before_the_usual_time_is_known() -> None:
    state: dict[str, object] = {}
    for _ in range(30):
        found = gauges.step_time(state, timed(12.0, usual=None))
        state = found.step.state
    assert not found.is_fast


def test_a_change_of_speed_moves_the_sum_and_is_learnt() -> None:
    draw = random.Random(5)
    values = [timed(60 * draw.lognormvariate(0, 0.4)) for _ in range(80)]
    values += [timed(20 * draw.lognormvariate(0, 0.4)) for _ in range(30)]
    levels = [step.level for step in steps(lambda s, v: gauges.step_time(s, v).step, values)]
    assert max(levels[:80]) < 0.8 and max(levels[80:100]) >= 1


#: What two others of .85 say of an answer that they give too, and of one that they do not.
AGREE, AGAINST = inferred(0, [(0, 0.85)] * 2), inferred(1, [(0, 0.85)] * 2)
GOOD, GUESSES = ([AGREE] * 7 + [AGAINST]) * 20, [AGREE, AGAINST] * 100


def accuracy_steps(values: list[Judgment], rules: Rules) -> list[Step]:
    return steps(lambda s, v: gauges.step_accuracy(s, v, rules), list(values))


def alarms_of(found: list[Step]) -> list[tuple[int, str]]:
    return [(at, step.alarm) for at, step in enumerate(found, start=1) if step.alarm]


def test_guesses_are_told_only_where_the_project_is_far_from_guessing() -> None:
    assert rules_of(2, None).guesses is None, "not known yet"
    assert rules_of(2, 0.68).guesses is None, "a matter on which everybody nearly guesses"
    assert rules_of(2, 0.85).guesses == pytest.approx(0.6)
    assert rules_of(5, 0.85).guesses == pytest.approx(0.37)
    found = accuracy_steps(GUESSES, rules_of(2, 0.85))
    [(at, alarm)] = alarms_of(found)
    assert alarm == "guessing" and at <= 120, "and it is said once"
    assert found[at - 1].age == at, "from the first answer on"
    assert gauges.guessing_level(found[-1].state) >= 0.9
    assert alarms_of(accuracy_steps(GUESSES, rules_of(2, 0.68))) == []
    assert alarms_of(accuracy_steps(GOOD, rules_of(2, 0.85))) == []


def test_guesses_are_said_again_of_somebody_who_had_stopped() -> None:
    found = alarms_of(accuracy_steps(GUESSES + GOOD * 2 + GUESSES, rules_of(2, 0.85)))
    first, second = (at for at, alarm in found if alarm == "guessing")
    assert first <= 120 and second > 520


def test_guesses_show_in_keyed_items_and_in_all_others_together() -> None:
    """Neither says enough alone, both do, and one of them says it."""
    rules = rules_of(2, 0.85)
    keyed = accuracy_steps([known(False), known(True)] * 8, GOLD_RULES)
    assert alarms_of(keyed) == []
    others = accuracy_steps(GUESSES[:30], rules)
    assert alarms_of(others) == []
    step = gauges.step_accuracy(others[-1].state, AGAINST, rules, beside=keyed[-1].state)
    assert step.alarm == "guessing"
    told = gauges.step_accuracy(others[-1].state, AGAINST, rules, beside=step.state)
    assert told.alarm is None


def test_a_fall_is_one_alarm_and_the_new_level_is_learnt() -> None:
    """Whoever stays at the new level is not accused each week; a further fall is said."""
    rules = rules_of(2, None)
    lower, lowest = [AGREE, AGREE, AGAINST] * 80, [AGREE, AGAINST, AGAINST] * 40
    found = alarms_of(accuracy_steps(GOOD + lower, rules))
    assert [alarm for _, alarm in found] == ["fall"] and 160 < found[0][0] <= 240
    again = alarms_of(accuracy_steps(GOOD + lower + lowest, rules))
    assert again[:1] == found and again[1][0] > 400


def test_the_accuracy_of_others_is_what_their_work_shows() -> None:
    rules = rules_of(2, 0.8)
    assert rules.accuracy({}) == 0.8
    older = {"fall": {"score": 2.0, "seen": 70}, "guessing": {"score": 1.0}}
    assert rules.accuracy(older) == 0.8
    assert gauges.step_accuracy(older, AGREE, rules) == gauges.step_accuracy({}, AGREE, rules)
    good, low = accuracy_steps(GOOD, rules)[-1].state, accuracy_steps(GUESSES, rules)[-1].state
    assert rules.accuracy(low) < 0.6 < 0.8 < rules.accuracy(good)


def test_values_on_one_side_are_one_class() -> None:
    graded = preference.scale({"name": "q", "kind": "preference", "scale": "likert5"})
    classes = classes_of(graded)
    assert classes[-2] == classes[-1] != classes[0] != classes[1] == classes[2]
    stars = Scale("interval", tuple(Category(n, str(n)) for n in range(5)))
    assert classes_of(stars) == {0: 0, 1: 0, 2: 1, 3: 2, 4: 2}
    colors = Scale("nominal", tuple(Category(n, str(n)) for n in range(3)))
    assert classes_of(colors) == {0: 0, 1: 1, 2: 2}


def test_looks_are_those_of_the_screen() -> None:
    scale = preference.scale({"name": "q", "kind": "preference"})
    watched = Watched("q", scale, classes_of(scale), {-1: 0.8, 1: 0.2})
    first = watched.look({"q@0-1": -1}, (0, 1))
    assert first == watched.look({"q@0-1": 1}, (1, 0)) != watched.look({"q@0-1": 1}, (0, 1))
    assert watched.share_of_look({"q@0-1": -1}) == 0.5, "whatever is better, its side is drawn"
    assert watched.chose_first({"q@0-1": -1}, (0, 1)) is True
    assert watched.chose_first({"q@0-1": -1}, (1, 0)) is False
    assert watched.depends_on_order({"q@0-1": 1})
    assert watched.judgments(["q@0-1", "other", "q@0-1"], [5, 1, 1]) == {"q@0-1": 1}


def test_a_step_takes_microseconds_and_the_state_stays_small() -> None:
    rules, state = rules_of(3, 0.85), {}
    began = time.process_time()
    for at in range(3000):
        state = gauges.step_accuracy(state, AGREE if at % 6 else AGAINST, rules).state
    assert (time.process_time() - began) / 3000 < 100e-6
    assert len(json.dumps(state)) < 1500
