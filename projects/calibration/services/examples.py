"""Retires keyed items that guidelines show as examples: everybody reads their right answers. Workspace plane."""

import uuid

from django.db import connection

from projects.items.keys import services as keys
from projects.items.models import Key
from projects.plan.models import GuidelineVersion

# Texts are compared without the marks of Markdown quotations, with one blank for each run of blanks, and as whole
# words. An item is shown if its last message and one of its responses are.
_SHOWN = r"""
    WITH text AS MATERIALIZED (
        SELECT v.project_id,
               ' ' || regexp_replace(
                   regexp_replace(v.text, '^[ \t]*(>[ \t]?)+', '', 'gn'),
                   '\s+', ' ', 'g') || ' ' AS words
        FROM projects_plan_guidelineversion v WHERE v.id = %(version)s
    ), keyed AS MATERIALIZED (
        SELECT DISTINCT k.item_id FROM projects_items_key k JOIN text ON text.project_id = k.project_id
        WHERE k.retired_at IS NULL
    ), part AS (
        SELECT i.id, r.at, ' ' || btrim(regexp_replace(r.content, '\s+', ' ', 'g')) || ' ' AS words
        FROM keyed JOIN projects_items_item i ON i.id = keyed.item_id CROSS JOIN LATERAL (
            SELECT 0 AS at, i.prompt -> -1 ->> 'content' AS content
            UNION ALL
            SELECT n.at, n.response -> 'messages' -> -1 ->> 'content'
            FROM jsonb_array_elements(i.responses) WITH ORDINALITY n (response, at)) r
    )
    SELECT part.id FROM part, text WHERE part.words <> '  ' AND position(part.words IN text.words) > 0
    GROUP BY part.id HAVING bool_or(part.at = 0) AND bool_or(part.at > 0)
"""


def retire_shown(version: GuidelineVersion, actor_id: uuid.UUID | None) -> None:
    """Retire the keys of the keyed items that the version shows. Registered with `projects.plan.publishing`."""
    with connection.cursor() as cursor:
        cursor.execute(_SHOWN, {"version": version.pk})
        shown = [row[0] for row in cursor.fetchall()]
    because = f"Version {version.number} of the guidelines shows this item, so everybody reads its right answer."
    for key in Key.objects.filter(item__in=shown, retired_at=None).order_by("pk"):
        keys.retire(key=key, because=because, actor_id=actor_id)
