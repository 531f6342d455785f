"""The monitors tried on answers that nobody stored: simulated ones, or those of a file. Without a database."""

import uuid
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from projects.plan.models import Project
from projects.quality.alerts.evidence import NEWEST, Point, changed_after
from projects.quality.monitors import entering
from projects.quality.monitors.answers import About, Answer
from projects.quality.monitors.gauges import Step
from projects.quality.monitors.kept import Monitors
from projects.quality.monitors.models import Monitor, MonitorKind
from projects.quality.monitors.question import Watched
from projects.quality.monitors.signs import Alarm

_SHARES = ("gold", "agreement")


@dataclass(frozen=True, slots=True)
class Raised:
    """An alarm about an annotator who had given `after` answers, for a change after `since` of them."""

    kind: str
    after: int
    since: int


class _Unsaved(Monitors):
    """Monitors that keep no rows, only what entered those whose change is estimated from it."""

    def __init__(self, known: dict[tuple[uuid.UUID | None, str], Monitor]) -> None:
        super().__init__(uuid.uuid4(), known, set())
        self.series: dict[uuid.UUID, list[Point]] = defaultdict(list)
        self.annotations: dict[uuid.UUID, list[uuid.UUID]] = defaultdict(list)

    def take(
        self, monitor: Monitor, annotation_id: uuid.UUID, value: float | None, step: Step
    ) -> None:
        self.move(monitor, step)
        self._taken.add((monitor.pk, annotation_id))
        self.annotations[monitor.pk].append(annotation_id)
        if monitor.kind in (MonitorKind.GOLD, MonitorKind.AGREEMENT):
            self.series[monitor.pk].append(Point(monitor.seen, value, step.level))


class Trial:
    """Monitors of some annotators, and the alarms they raise; `raised[None]` are about the whole project."""

    def __init__(self, question: Watched, people: Iterable[uuid.UUID]) -> None:
        project = Project(id=uuid.uuid4())
        whose = [None, *people]
        self._monitors = _Unsaved(
            {
                (who, kind.value): Monitor(project=project, enrollment_id=who, kind=kind)
                for who in whose
                for kind in MonitorKind
            }
        )
        self._question = question
        self._numbers: dict[uuid.UUID, int] = {}
        self.given: Counter[uuid.UUID] = Counter()
        self.raised: dict[uuid.UUID | None, list[Raised]] = defaultdict(list)

    def take(self, items: Sequence[tuple[About, Sequence[Answer]]]) -> None:
        """Let all answers about some items enter, as a delivery of events does."""
        found = [answer for _, answers in items for answer in answers]
        for answer in found:
            if answer.id not in self._numbers:
                self.given[answer.enrollment_id] += 1
                self._numbers[answer.id] = self.given[answer.enrollment_id]
        about = {answers[0].item_id: item for item, answers in items}
        for alarm in entering.take(self._monitors, self._question, found, about):
            self._keep(alarm)

    def _keep(self, alarm: Alarm) -> None:
        who, kept = alarm.monitor.enrollment_id, alarm.monitor.pk
        series = self._monitors.series[kept][: alarm.at][-NEWEST:]
        since = changed_after(series, alarm.since, is_share=alarm.kind in _SHARES)
        if who and since:
            since = self._numbers[self._monitors.annotations[kept][since - 1]]
        self.raised[who].append(Raised(alarm.kind, self.given[who] if who else alarm.at, since))

    def alarms(self) -> Counter[str]:
        """Return how many alarms about annotators there were, by kind."""
        return Counter(one.kind for who, all_ in self.raised.items() if who for one in all_)
