"""The command that prints the figures of the monitors, and fails where one is out of its bounds."""

from io import StringIO
from types import SimpleNamespace

import pytest
from django.core.management import CommandError, call_command

from projects.stats.simulations import Row
from rlhfhub.devtools.management.commands import stats_simulations


def test_the_simulations_command_fails_where_a_figure_is_out_of_bounds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows = [Row("a delay", 50.0, at_most=60), Row("a run", 9000.0, at_least=10_000)]
    none = SimpleNamespace(simulate=lambda size: iter(()))
    monkeypatch.setattr(stats_simulations, "simulate", lambda size: iter(rows))
    monkeypatch.setattr(stats_simulations, "falls", lambda size: iter([Row("a share", 0.5)]))
    monkeypatch.setattr(stats_simulations, "monitors", none)
    monkeypatch.setattr(stats_simulations, "casts", none)
    out = StringIO()
    with pytest.raises(CommandError, match="1 figures"):
        call_command("stats_simulations", stdout=out)
    first, second, third = out.getvalue().splitlines()
    assert "at most 60" in first and first.endswith("holds")
    assert "at least 10000" in second and second.endswith("MISSED")
    assert third.endswith("0.5")
