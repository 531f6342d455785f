"""What the quality page says about a project's gold. Workspace plane."""

from dataclasses import dataclass
from typing import Any

from django.db import connection

from projects.calibration.selectors import told_items
from projects.items.keys import selectors as keys
from projects.items.models import Key
from projects.plan.models import Project
from projects.quality.gold.figures import Hits

BY_A_CHECK = "By a check: "
"""How the reason begins for which a check retired a key."""


@dataclass(frozen=True, slots=True)
class GoldOfProject:
    """The keyed items of a project, of which `usable` can be gold, and the answers to gold on one question.

    `retired` is how many keys a check retired.
    """

    items: int
    usable: int
    retired: int
    hits: Hits


_HITS = """
    SELECT count(*), count(*) FILTER (WHERE g.hit) FROM projects_quality_goldanswer g
    JOIN (SELECT item_id FROM projects_items_key
          WHERE project_id = %(project)s AND question = %(question)s AND retired_at IS NULL
          GROUP BY item_id HAVING count(*) >= %(people)s) k ON k.item_id = g.item_id
    WHERE g.project_id = %(project)s AND g.question = %(question)s AND g.purpose = 'gold' AND g.hit IS NOT NULL
"""


def gold_of_project(project: Project, question: str) -> GoldOfProject:
    """Return a project's gold on a question. The project must have been read with its form."""
    with connection.cursor() as cursor:
        of: dict[str, Any] = {"project": project.pk, "question": question, "people": keys.PEOPLE}
        cursor.execute(_HITS, of)
        judged, hits = cursor.fetchone()
    checked = Key.objects.filter(project=project, retired_because__startswith=BY_A_CHECK)
    return GoldOfProject(
        items=keys.keyed_items(project).count(),
        usable=len(set(keys.gold_items(project)) - told_items(project.pk)),
        retired=checked.count(),
        hits=Hits(judged, hits),
    )
