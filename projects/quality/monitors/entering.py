"""Answers enter the monitors: each once in each, in the order in which the scores are inserted. Workspace plane.

What an answer shows by itself (time, side, look) and what its item's key says enters at once. Whether it agrees with
the others enters once two others have answered the item, or nobody else will; later answers never change it.
"""

import uuid
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from math import log
from statistics import fmean, median
from typing import Any

from projects.plan.models import Project
from projects.quality.monitors import answers as reading
from projects.quality.monitors import gauges, kept, signs
from projects.quality.monitors.answers import About, Answer
from projects.quality.monitors.gauges import Look, Rules, Step, Timed
from projects.quality.monitors.kept import Monitors
from projects.quality.monitors.models import Monitor, MonitorKind
from projects.quality.monitors.question import GOLD_RULES, Watched, rules_of, watched
from projects.quality.monitors.signs import Alarm, AlertKind, Fast
from projects.stats.judgment import Judgment, inferred, known
from projects.stats.pace import Pace
from projects.stats.self_starting import SelfStartingCusum, SelfStartingState
from projects.work.models import Purpose

#: An answer is compared once so many others have answered its item.
OTHERS = 2
#: What is usual in a project is known from so many items on.
KNOWN_FROM = 30
#: The whole project's agreement: people come and go, so more is learnt before anything is said.
PROJECT_RULE = SelfStartingCusum(learning=200, delay=100)


def enter(*, project_id: uuid.UUID, item_ids: Sequence[Any]) -> list[Alarm]:
    """Let the answers to these items enter the monitors that they are due in and have not entered.

    Returns: the alarms that this raised; the caller stores alerts in the same transaction.
    """
    kept.wait_for_turn(project_id)
    project = Project.objects.select_related("form").get(pk=project_id)
    found = reading.answers_to(project, item_ids)
    question = watched(project)
    if not found:
        return []
    monitors = kept.locked(
        workspace_id=project.workspace_id,
        project_id=project_id,
        enrollment_ids=[answer.enrollment_id for answer in found],
        annotation_ids=[answer.id for answer in found],
    )
    alarms = take(monitors, question, found, reading.about(item_ids))
    monitors.save()
    return alarms


def take(
    monitors: Monitors,
    question: Watched | None,
    found: Sequence[Answer],
    items: Mapping[uuid.UUID, About],
) -> list[Alarm]:
    """Move the monitors on by all answers to some items that are due, without storing anything. Returns the alarms."""
    entry = _Entry(monitors, question, items, _rules(monitors, question))
    for answer in found:
        entry.take_alone(answer)
    if question is not None:
        entry.compare(found, question)
    return entry.alarms


def _rules(monitors: Monitors, question: Watched | None) -> Rules:
    """The rules of accuracy, given what the whole project's agreement has shown so far."""
    whole = monitors.of(None, MonitorKind.AGREEMENT)
    usual = None
    if whole.seen >= KNOWN_FROM:
        fall = SelfStartingState.restore(whole.state)
        right, wrong = PROJECT_RULE.prior_right + fall.right, PROJECT_RULE.prior_wrong + fall.wrong
        usual = right / (right + wrong)
    return rules_of(question.kinds if question else 2, usual)


@dataclass
class _Entry:
    """One pass over the answers to some items of a project."""

    monitors: Monitors
    question: Watched | None
    items: Mapping[uuid.UUID, About]
    rules: Rules
    alarms: list[Alarm] = field(default_factory=list)

    def take_alone(self, answer: Answer) -> None:
        """Let enter what the answer shows without those of others."""
        if answer.hit is not None:
            step = partial(
                gauges.step_accuracy,
                judgment=known(answer.hit),
                rules=GOLD_RULES,
                beside=self.monitors.of(answer.enrollment_id, MonitorKind.AGREEMENT).state,
            )
            self._take(answer, MonitorKind.GOLD, float(answer.hit), step)
        if self.question is not None:
            self._take_looks(answer, self.question)
        self._take_time(answer)

    def _take_looks(self, answer: Answer, question: Watched) -> None:
        judgments = question.judgments(answer.units, answer.judged)
        if not judgments:
            return
        first = question.chose_first(judgments, answer.shown)
        if first is not None:
            step = partial(gauges.step_side, chose_first=first)
            self._take(answer, MonitorKind.SIDE, float(first), step)
        look = Look(
            question.look(judgments, answer.shown),
            question.share_of_look(judgments),
            question.depends_on_order(judgments),
        )
        monitor = self.monitors.of(answer.enrollment_id, MonitorKind.LABELS)
        run = gauges.run_with(monitor.state, look)
        step = partial(gauges.step_labels, look=look)
        self._take(answer, MonitorKind.LABELS, float(run), step)

    def _take_time(self, answer: Answer) -> None:
        monitor = self.monitors.of(answer.enrollment_id, MonitorKind.TIME)
        if self.monitors.has_taken(monitor, answer.id):
            return
        words = self.items[answer.item_id].words
        whole = self.monitors.of(None, MonitorKind.TIME)
        pace = Pace.restore(whole.state) if whole.state else Pace()
        usual, own = pace.usual(words), log(answer.seconds) - pace.slope() * log(words)
        time = Timed(answer.seconds, words, usual, own)
        timed = gauges.step_time(monitor.state, time)
        self.monitors.take(monitor, answer.id, time.share_of_least, timed.step)
        self.monitors.move(whole, Step(gauges.as_json(pace.add(words, answer.seconds)), 0.0, 0))
        self._look_for_speed(answer, timed, pace)

    def _look_for_speed(self, answer: Answer, timed: gauges.TimeStep, pace: Pace) -> None:
        of = partial(self.monitors.of, answer.enrollment_id)
        labels = of(MonitorKind.LABELS)
        found = signs.of_speed(
            timed,
            side=gauges.side_level(of(MonitorKind.SIDE).state),
            labels=gauges.labels_level(labels.state, labels.level),
            guessing=gauges.guessing_level(of(MonitorKind.AGREEMENT).state),
        )
        if found:
            monitor = of(MonitorKind.TIME)
            since = max(0, monitor.seen - timed.counted)
            fast = _fast(timed.recent, pace)
            self.alarms.append(Alarm(monitor, "speed", answer.id, monitor.seen, since, found, fast))
            monitor.state = gauges.forget_speed(monitor.state)

    def compare(self, found: Sequence[Answer], question: Watched) -> None:
        """Let the answers for data enter that others have answered too."""
        by_item: dict[uuid.UUID, list[Answer]] = defaultdict(list)
        for answer in found:
            if answer.purpose == Purpose.DATA:
                by_item[answer.item_id].append(answer)
        for answer in found:
            others = [one for one in by_item[answer.item_id] if one.id != answer.id]
            due = len(others) >= OTHERS or (others and self.items[answer.item_id].is_full)
            if due and answer.purpose == Purpose.DATA:
                self._take_agreement(answer, others, question)

    def _take_agreement(self, answer: Answer, others: Sequence[Answer], question: Watched) -> None:
        monitor = self.monitors.of(answer.enrollment_id, MonitorKind.AGREEMENT)
        if self.monitors.has_taken(monitor, answer.id):
            return
        judgment = self._judgment(answer, others, question)
        if judgment is None:
            return
        step = partial(
            gauges.step_accuracy,
            judgment=judgment,
            rules=self.rules,
            beside=self.monitors.of(answer.enrollment_id, MonitorKind.GOLD).state,
        )
        self._take(answer, MonitorKind.AGREEMENT, judgment.right, step)
        # Answers to one item are right or wrong together, so one of them stands for it.
        if all(answer.id < other.id for other in others):
            self._move_project(answer, judgment.right)

    def _judgment(
        self, answer: Answer, others: Sequence[Answer], question: Watched
    ) -> Judgment | None:
        """What the others' answers say of an answer: the mean over its units."""
        mine = question.judgments(answer.units, answer.judged)
        theirs = [
            (self._accuracy(other, question), question.judgments(other.units, other.judged))
            for other in others
        ]
        found = []
        for unit, value in mine.items():
            said = [(question.classes[one[unit]], how) for how, one in theirs if unit in one]
            if said:
                mine_class = question.classes[value]
                found.append(inferred(mine_class, said, categories=question.kinds))
        if not found:
            return None
        return Judgment(fmean(one.right for one in found), fmean(one.pull for one in found))

    def _accuracy(self, other: Answer, question: Watched) -> float:
        state = self.monitors.of(other.enrollment_id, MonitorKind.AGREEMENT).state
        # Somebody who is wrong more often than a guesser is not taken for a sign of the opposite.
        return min(0.97, max(1 / question.kinds + 0.02, self.rules.accuracy(state)))

    def _move_project(self, answer: Answer, right: float) -> None:
        """The project's own monitor of agreement; guidelines or items have changed if everybody's agreement falls."""
        assert self.question is not None
        monitor = self.monitors.of(None, MonitorKind.AGREEMENT)
        rule = replace(PROJECT_RULE, categories=self.question.kinds)
        state = SelfStartingState.restore(monitor.state) if monitor.state else rule.start()
        after = rule.step(state, right)
        level, age = after.score / rule.threshold, after.seen - after.since
        kept_state = gauges.as_json(after if level < 1 else rule.start())
        self.monitors.take(monitor, answer.id, right, Step(kept_state, level, age))
        if level >= 1:
            self._raise("moved", monitor, answer)

    def _take(
        self,
        answer: Answer,
        kind: MonitorKind,
        value: float,
        step_from: Callable[[gauges.State], Step],
    ) -> None:
        monitor: Monitor = self.monitors.of(answer.enrollment_id, kind)
        if self.monitors.has_taken(monitor, answer.id):
            return
        step = step_from(monitor.state)
        self.monitors.take(monitor, answer.id, value, step)
        if step.alarm:
            self._raise(signs.kind_of(step.alarm, kind), monitor, answer)

    def _raise(
        self,
        kind: AlertKind,
        monitor: Monitor,
        answer: Answer,
    ) -> None:
        self.alarms.append(Alarm(monitor, kind, answer.id, monitor.seen, monitor.since))


def _fast(recent: Sequence[Sequence[float]], pace: Pace) -> Fast:
    words, seconds = (median(column) for column in zip(*recent, strict=True))
    return Fast(len(recent), seconds, words, pace.usual(words))
