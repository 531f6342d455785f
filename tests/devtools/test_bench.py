"""The benchmark's yardstick does the site's work, and its figures judge their targets."""

import json
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection

from projects.plan.models import Project
from projects.work.models import Annotation
from rlhfhub.devtools.bench import plain
from rlhfhub.devtools.bench.figures import Report
from tests import databases, people
from tests.factories import make_batch


@pytest.mark.slow
def test_plain_sql_leases_and_submits_as_the_site_does(
    own_database: str, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A change of the work tables that `bench/sql.py` does not follow fails here."""
    batch = make_batch(project, 4)
    crew = [people.make_annotator(project, name).enrollment.pk for name in ("Ada", "Ben")]
    monkeypatch.setenv("PGPASSWORD", connection.settings_dict["PASSWORD"])
    with databases.connected() as owner:
        assert plain.rate(owner.info.dsn, batch.pk, crew, seconds=60, most=6) > 0
        answers = owner.execute(f"SELECT count(*) FROM {Annotation._meta.db_table}")
        assert answers.fetchone() == (6,)
    call_command("verify_invariants", "W1", "W2", "W3")


def test_figures_keep_their_verdicts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = Report("10k")
    report.compare("import of 10k items", "items/s", 30.0, 100.0, "plain COPY", least=0.4)
    report.add("lease p95", 1.1, "ratio", most=1.2)
    kept = json.loads(report.save(tmp_path).read_text())["figures"]
    assert [(row["name"], row["verdict"]) for row in kept] == [
        ("import of 10k items", ""),
        ("import of 10k items: plain COPY", ""),
        ("import of 10k items / plain COPY", "missed"),
        ("lease p95", "ok"),
    ]
    assert len(capsys.readouterr().out.splitlines()) == len(kept)
