"""Texts that are mostly pasted, in projects that do not allow machine-written text. Workspace plane.

The desk counts how much of an answer's text was pasted, and keeps nothing of its content. People paste quotations and
links, and some write in an editor first, so only many answers in a row that are pasted nearly whole open an alert.
"""

from collections import defaultdict
from collections.abc import Mapping

from django.db import connection

from projects.plan.models import Project
from projects.quality.alerts.models import Alert
from projects.quality.alerts.searches.found import Found, open_alerts
from projects.quality.alerts.searches.written import long_texts
from projects.work.models import PASTED_PERCENT
from rlhfhub.tenancy.raw import unjson

#: So many of the newest `LATEST` answers with a long text must be mostly pasted.
ENOUGH, LATEST = 10, 20
# So many of the newest answers are read to find `LATEST` with a long text.
_READ = 100

# The newest answers of each annotator who pasted enough of them; only those since the last decision about it.
_ANSWERS = f"""
    WITH pasting AS (
        SELECT enrollment_id FROM projects_work_annotation
        WHERE project_id = %(project)s AND pasted_percent >= {PASTED_PERCENT}
        GROUP BY enrollment_id HAVING count(*) >= %(enough)s
    ), before AS (
        SELECT p.enrollment_id, max(l.decided_at) AS last_at, COALESCE(bool_or(l.state = 'open'), false) AS is_open
        FROM pasting p
        LEFT JOIN projects_quality_alert l ON l.enrollment_id = p.enrollment_id AND l.kind = 'pasted'
        GROUP BY p.enrollment_id
    )
    SELECT b.enrollment_id::text, a.id::text, a.answer, a.pasted_percent
    FROM before b CROSS JOIN LATERAL (
        SELECT n.id, n.answer, n.pasted_percent, n.submitted_at FROM projects_work_annotation n
        WHERE n.enrollment_id = b.enrollment_id AND (b.last_at IS NULL OR n.submitted_at > b.last_at)
        ORDER BY n.submitted_at DESC LIMIT %(read)s) a
    WHERE NOT b.is_open ORDER BY b.enrollment_id, a.submitted_at DESC
"""  # noqa: S608  constants only


def open_for_pasted(project: Project) -> None:
    """Open an alert about each annotator whose newest texts are mostly pasted, if the project forbids machine text."""
    if project.machine_text != Project.MachineText.FORBIDDEN:
        return
    shares: dict[str, dict[str, int | None]] = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(_ANSWERS, {"project": project.pk, "enough": ENOUGH, "read": _READ})
        for who, annotation, answer, percent in cursor.fetchall():
            if len(shares[who]) < LATEST and long_texts(unjson(answer)):
                shares[who][annotation] = percent
    open_alerts(project.pk, Alert.Kind.PASTED, pasted_in(shares))


def pasted_in(shares: Mapping[str, Mapping[str, int | None]]) -> dict[str, Found]:
    """Return who pasted most of enough texts.

    `shares` says how many percent of each annotator's newest `LATEST` texts were pasted, by annotator and annotation.
    """
    found = {who: _found(newest) for who, newest in shares.items()}
    return {who: one for who, one in found.items() if one.count >= ENOUGH}


def _found(newest: Mapping[str, int | None]) -> Found:
    """Return what is found about somebody, given how many percent of each of their newest texts were pasted."""
    mostly = {
        annotation for annotation, percent in newest.items() if (percent or 0) >= PASTED_PERCENT
    }
    return Found(count=len(mostly), of=len(newest), annotations=mostly)
