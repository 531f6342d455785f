"""Stores the right answers of imported rows, once their items are in the pool."""

import uuid
from collections import defaultdict
from collections.abc import Sequence

from projects.formats.reading.intake import SentKey
from projects.items import pools
from projects.items.keys import given as keys_given
from projects.items.keys import services
from projects.items.keys.given import GivenKey
from projects.items.models import Batch, Item, Key
from projects.items.refused_rows import rows_refused
from projects.items.warnings import LISTED, ItemWarning
from projects.plan.models import Project

_CHUNK = 1000


def store(*, pool: Batch, sent: Sequence[SentKey], actor_id: uuid.UUID | None) -> int:
    """Store the right answers of rows that the reader has checked. Workspace plane, inside the import's transaction.

    Returns: how many keys were made.
    Raises: Refused (`rejected`) if somebody gives another answer to an item than before, naming the row.
    """
    made = 0
    project = Project.objects.select_related("form").get(pk=pool.project_id)
    for first in range(0, len(sent), _CHUNK):
        made += _stored(project, pool, sent[first : first + _CHUNK], actor_id)
    return made


def unknown_rules(project: Project, sent: Sequence[SentKey]) -> list[ItemWarning]:
    """Return a warning if right answers name rules that the guidelines in force do not have; else nothing."""
    wrong: dict[int, set[str]] = defaultdict(set)
    known = services.rules_in_force(project)
    for one in sent:
        entries = one.key if isinstance(one.key, list) else []
        for entry in entries:
            if entry.get("rule") and entry["rule"] not in known:
                wrong[one.row].add(entry["rule"])
    if not wrong:
        return []
    names = ", ".join(sorted(set().union(*wrong.values()))[:LISTED])
    words = (
        f"Right answers name rules that the guidelines in force do not have: {names}. Annotators cannot be shown them. "
        "Publish guidelines with these rules, or import the right answers with others."
    )
    return [ItemWarning("unknown_rule", words, len(wrong), tuple(sorted(wrong)[:LISTED]))]


def _stored(
    project: Project, pool: Batch, sent: Sequence[SentKey], actor_id: uuid.UUID | None
) -> int:
    questions = project.form.questions if project.form else []
    names = {pools.keyed_id(one.external_id) for one in sent}
    found = Item.every.filter(project=project, external_id__in=names).only(
        "external_id", "responses"
    )
    items = {item.external_id: item for item in found}
    given: dict[uuid.UUID, list[GivenKey]] = defaultdict(list)
    rows: dict[uuid.UUID, int] = {}
    for one in sent:
        item = items[pools.keyed_id(one.external_id)]
        given[item.pk] += keys_given.read(questions, one.key, len(item.responses)).given
        rows[item.pk] = one.row
    try:
        return services.store(pool=pool, given=given, source=Key.Source.IMPORT, actor_id=actor_id)
    except services.KeyDiffers as differs:
        error = {"row": rows[differs.item_id], "field": "key", "message": differs.detail}
        raise rows_refused([error], 1, keyed=True) from differs
