"""Answers whose event was lost are found by the nightly sweep, and enter the monitors once."""

from typing import Any

import pytest

from projects.plan.models import Project
from projects.quality.monitors.models import MonitorKind
from rlhfhub.events import debts, dispatch
from tests.events.test_debts import lose_events, sweep_from_the_start, waiting
from tests.exports.made import judge
from tests.people import Annotator
from tests.quality.test_monitors import VERDICTS, scores


@pytest.fixture(autouse=True)
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows are checked at once, not after an hour."""
    monkeypatch.setattr(debts, "SETTLED_SECONDS", -1)


def counts(project: Project) -> tuple[int, int]:
    return tuple(len(scores(project, kind)) for kind in (MonitorKind.TIME, MonitorKind.AGREEMENT))  # type: ignore[return-value]


def test_an_answer_whose_event_is_gone_enters(
    project: Project, batch: Any, annotators: list[Annotator]
) -> None:
    judge(annotators, VERDICTS)
    lose_events()
    dispatch.drain()
    assert counts(project) == (0, 0)
    debts.sweep()
    dispatch.drain()
    assert counts(project) == (15, 15)
    sweep_from_the_start()
    assert waiting() == 0, "nothing is owed any more"


def test_the_comparison_is_owed_too(
    project: Project, batch: Any, annotators: list[Annotator], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The third answer has entered by itself, and the comparison with the others was skipped."""
    from projects.quality.monitors import entering

    judge(annotators, VERDICTS)
    with monkeypatch.context() as patched:
        patched.setattr(entering._Entry, "compare", lambda *_: None)
        dispatch.drain()
    assert counts(project) == (15, 0)
    debts.sweep()
    dispatch.drain()
    assert counts(project) == (15, 15)
    sweep_from_the_start()
    assert waiting() == 0
