"""Retires keyed items that guidelines show: everybody reads their right answers. Workspace plane."""

import uuid

from django.db import connection

from projects.items.keys import services as keys
from projects.items.models import Key
from projects.plan import publishing
from projects.plan.models import GuidelineVersion
from projects.plan.publishing import Follow, RetiredItem

LEAST_CHARS = 30
"""Shorter texts than this stand in guidelines by chance. They are shown only where they are a block of their own."""

#: How the reason ends for which publishing guidelines retires a key.
SHOWN = "of the guidelines shows this item, so everybody reads its right answer."

# Texts are compared without the marks of Markdown quotations, with one blank for each run of blanks, and as whole
# words or whole blocks between blank lines. An item is shown if its last message and one of its responses are.
_SHOWN = r"""
    WITH text AS MATERIALIZED (
        SELECT v.project_id, regexp_replace(v.text, '^[ \t]*(>[ \t]?)+', '', 'gn') AS plain
        FROM projects_plan_guidelineversion v WHERE v.id = %(version)s
    ), words AS MATERIALIZED (
        SELECT ' ' || regexp_replace(plain, '\s+', ' ', 'g') || ' ' AS words FROM text
    ), block AS MATERIALIZED (
        SELECT DISTINCT btrim(regexp_replace(b.block, '\s+', ' ', 'g')) AS words
        FROM text, regexp_split_to_table(text.plain, '\n\s*\n') AS b(block)
    ), keyed AS MATERIALIZED (
        SELECT k.item_id, count(*) AS keys FROM projects_items_key k JOIN text ON text.project_id = k.project_id
        WHERE k.retired_at IS NULL GROUP BY k.item_id
    ), part AS (
        SELECT i.id, i.external_id, keyed.keys, r.at, btrim(regexp_replace(r.content, '\s+', ' ', 'g')) AS words
        FROM keyed JOIN projects_items_item i ON i.id = keyed.item_id CROSS JOIN LATERAL (
            SELECT 0 AS at, i.prompt -> -1 ->> 'content' AS content
            UNION ALL
            SELECT n.at, n.response -> 'messages' -> -1 ->> 'content'
            FROM jsonb_array_elements(i.responses) WITH ORDINALITY n (response, at)) r
    )
    SELECT part.id, part.external_id, part.keys FROM part, words
    WHERE part.words <> '' AND (part.words IN (SELECT block.words FROM block)
        OR length(part.words) >= %(least)s AND position(' ' || part.words || ' ' IN words.words) > 0)
    GROUP BY part.id, part.external_id, part.keys HAVING bool_or(part.at = 0) AND bool_or(part.at > 0)
    ORDER BY part.external_id, part.id
"""


def shown_in(version: GuidelineVersion) -> list[RetiredItem]:
    """Return the keyed items with right answers that count whose texts the version shows, by their external ids."""
    with connection.cursor() as cursor:
        cursor.execute(_SHOWN, {"version": version.pk, "least": LEAST_CHARS})
        return [RetiredItem(*row) for row in cursor.fetchall()]


def retire_shown(version: GuidelineVersion, actor_id: uuid.UUID | None) -> None:
    """Retire the keys of the keyed items that the version shows."""
    shown = [item.item_id for item in shown_in(version)]
    because = f"Version {version.number} {SHOWN}"
    for key in Key.objects.filter(item__in=shown, retired_at=None).order_by("pk"):
        keys.retire(key=key, because=because, actor_id=actor_id)


def register() -> None:
    """Register what follows from publishing guidelines. Called from the AppConfig's ready()."""
    publishing.register(Follow(do=retire_shown, retires=shown_in))
