"""Days and moments: one way on every page."""

import re
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest

from rlhfhub.web.templatetags.moments import moment

AT = datetime(2026, 11, 28, 23, 5, tzinfo=UTC)
ELSEWHERE = AT.astimezone(timezone(timedelta(hours=2)))
TEMPLATES = Path(__file__).parents[2] / "templates"


@pytest.mark.parametrize("at", [AT, ELSEWHERE])
def test_a_moment_is_shown_in_utc_for_the_script_to_make_local(at: datetime) -> None:
    shown = '<time datetime="2026-11-28T23:05:00+00:00" data-local>28 Nov 2026, 23:05 UTC</time>'
    assert moment(at) == shown


@pytest.mark.parametrize("day", [AT, ELSEWHERE, date(2026, 11, 28)])
def test_a_day_stays_that_of_utc(day: date) -> None:
    assert moment(day, "day") == '<time datetime="2026-11-28">28 Nov 2026</time>'


def test_a_date_is_a_day_and_nothing_is_a_dash() -> None:
    assert moment(date(2026, 2, 3)) == '<time datetime="2026-02-03">3 Feb 2026</time>'
    assert moment(None) == "–"
    assert ">23:05 UTC<" in moment(ELSEWHERE, "clock")


def test_no_template_writes_them_in_another_way() -> None:
    """But for the id of a day's heading."""
    found = [
        f"{path.relative_to(TEMPLATES)}: {hit}"
        for path in TEMPLATES.rglob("*.html")
        for hit in re.findall(r"<time|.{20}\|date\b[^}]*", path.read_text())
        if "day-{{ one.day|date:'Y-m-d'" not in hit
    ]
    assert found == []
