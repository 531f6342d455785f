"""Measures the time and the pay of projects' answers, a few projects in each run, the longest unmeasured first.

All reads are bounded: the newest answers of a project, and the beginnings of some of its items.
"""

import uuid
from typing import Any

from django.db import connection

from projects.plan.hourly import HourlyPay
from projects.plan.models import Project
from projects.quality.pay import floor, notices
from projects.quality.pay.models import MeasuredPay
from rlhfhub.queues import in_a_turn, tried
from rlhfhub.tenancy import planes

EVERY_MINUTES = 60
MOST_AT_ONCE = 500
#: Older answers than the newest so many are not read.
MOST_ANSWERS = 1_000
MOST_ITEMS, MOST_CHARACTERS = 50, 20_000
WORDS_A_MINUTE = 400
"""Nobody reads faster and understands it: skilled readers read 200 to 400 words a minute, and faster is skimming.

Rayner, Schotter, Masson, Potter and Treiman (2016), "So much to read, so little time", Psychological Science in the
Public Interest 17(1), 4-34. The mean of 190 studies is 238 (Brysbaert 2019, Journal of Memory and Language 109).
"""

_DUE = """
    SELECT p.workspace_id, p.id FROM projects_plan_project p
    LEFT JOIN projects_quality_measuredpay m ON m.project_id = p.id
    WHERE p.status = 'active' AND (m.at IS NULL OR m.at < statement_timestamp() - make_interval(mins => %s))
    ORDER BY m.at NULLS FIRST, p.id DESC LIMIT %s
"""
# Content keys are digests, so their order takes a random sample by an index. Chinese and Japanese have no blanks
# between words: two characters count as one.
_READING = r"""
    SELECT COALESCE(avg(regexp_count(t.words, '\S+') + regexp_count(t.words, '[\u3040-\u30ff\u3400-\u9fff]') / 2.0), 0)
           * 60.0 / %(words)s
    FROM (SELECT i.prompt, i.responses FROM projects_items_item i WHERE i.project_id = %(project)s
          ORDER BY i.content_key LIMIT %(items)s) sample
    CROSS JOIN LATERAL (
        SELECT COALESCE(left(string_agg(m #>> '{}', ' '), %(characters)s), '') AS words FROM (
            SELECT jsonb_path_query(sample.prompt, '$[*].content') AS m
            UNION ALL SELECT jsonb_path_query(sample.responses, '$[*].messages[*].content')) texts) t
"""
_MEASURE = """
    INSERT INTO projects_quality_measuredpay AS kept (id, workspace_id, project_id, reading_seconds, answers,
        median_seconds, total_seconds, pay_minor, at)
    SELECT rlhfhub_uuid7(), %(workspace)s, %(project)s, %(reading)s, count(*),
           percentile_cont(0.5) WITHIN GROUP (ORDER BY n.seconds), COALESCE(sum(n.seconds), 0),
           COALESCE(sum(n.price_minor + r.raised), 0)::bigint, clock_timestamp()
    FROM (SELECT a.id, a.seconds, a.price_minor, a.state FROM projects_work_annotation a
          WHERE a.project_id = %(project)s ORDER BY a.id DESC LIMIT %(most)s) n
    CROSS JOIN LATERAL (SELECT COALESCE(sum(amount_minor), 0) AS raised FROM projects_quality_raise
                        WHERE annotation_id = n.id) r
    WHERE n.state IN ('submitted', 'accepted') AND n.seconds > 0
    ON CONFLICT (project_id) DO UPDATE SET reading_seconds = EXCLUDED.reading_seconds, answers = EXCLUDED.answers,
        median_seconds = EXCLUDED.median_seconds, total_seconds = EXCLUDED.total_seconds,
        pay_minor = EXCLUDED.pay_minor, at = EXCLUDED.at
"""
_FALL = """
    UPDATE projects_quality_measuredpay SET below_since = clock_timestamp()
    WHERE project_id = %s AND below_since IS NULL
"""


def measure_due() -> int:
    """Measure the projects that are due, up to 500, each in a transaction of its own. Returns how many."""
    with planes.as_system(), connection.cursor() as cursor:
        cursor.execute(_DUE, [EVERY_MINUTES, MOST_AT_ONCE])
        due = cursor.fetchall()
    return sum(tried(_measure, *each) or 0 for each in in_a_turn(due))


def _measure(workspace_id: uuid.UUID, project_id: uuid.UUID) -> int:
    with planes.in_workspace(workspace_id):
        _store(workspace_id, project_id)
        project = Project.objects.select_related("workspace").get(pk=project_id)
        _tell_if_fallen(project, pay_of(project))
    return 1


def _store(workspace_id: uuid.UUID, project_id: uuid.UUID) -> None:
    values: dict[str, Any] = {
        "workspace": workspace_id,
        "project": project_id,
        "reading": reading_seconds(project_id),
        "most": MOST_ANSWERS,
    }
    with connection.cursor() as cursor:
        cursor.execute(_MEASURE, values)


def _tell_if_fallen(project: Project, pay: HourlyPay) -> None:
    """Tell the members once when the measured pay per hour falls below the floor."""
    least = floor.of_project(project)
    if least is None or not floor.is_measured_below(pay, least):
        MeasuredPay.objects.filter(project=project, below_since__isnull=False).update(
            below_since=None
        )
        return
    with connection.cursor() as cursor:
        cursor.execute(_FALL, [project.pk])
        has_fallen = cursor.rowcount == 1
    if has_fallen:
        notices.tell_of_fall(project, pay, least)


def reading_seconds(project_id: uuid.UUID) -> float:
    """Return how long a fast reader needs for prompt and responses, as a mean of some items. Workspace plane."""
    values: dict[str, Any] = {
        "project": project_id,
        "words": WORDS_A_MINUTE,
        "items": MOST_ITEMS,
        "characters": MOST_CHARACTERS,
    }
    with connection.cursor() as cursor:
        cursor.execute(_READING, values)
        return float(cursor.fetchone()[0])


_COLUMNS = ("reading_seconds", "answers", "median_seconds", "total_seconds", "pay_minor")


def pay_of(project: Project) -> HourlyPay:
    """Return what was measured last of the project's pay; the estimate before. Workspace plane."""
    kept = MeasuredPay.objects.filter(project=project).values_list(*_COLUMNS).first() or ()
    return HourlyPay(project.price_minor, project.estimated_seconds, *kept)
