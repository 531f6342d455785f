"""Finding items of a project: a page of them at a time, at a cost that does not grow with the project.

One filter drives the search by an index, in the order of a unique key; what else is asked is checked on at most SCANNED
items, and then the page ends where the search has come to. Operators that are not leakproof (LIKE, jsonb's @>) do not
use their index under a policy: a prefix is looked for as a range, and metadata in a typed table.
"""

import uuid
from dataclasses import dataclass
from typing import Any, Literal

from django.db.models import Exists, OuterRef, Q, QuerySet

from projects.items.models import Item, MetadataValue
from projects.plan.models import Project
from projects.quality.models import Tally
from projects.work.models import Annotation, Lease, Slot
from rlhfhub.ground.numbers import whole

SCANNED = 2000
Show = Literal["", "contested", "tied", "unanswered", "returned"]


@dataclass(frozen=True, slots=True)
class Filters:
    """What is asked for; whatever is empty is not.

    `external_id` is how external ids begin. `show` has items where no answer leads alone (contested), where the tie
    leads (tied), funded ones without an answer (unanswered), or given back by an annotator (returned); the first two
    are about `question`. `key` is a declared metadata key and `value` the text of its value.
    """

    external_id: str = ""
    show: Show = ""
    question: str = ""
    key: str = ""
    value: str = ""
    batch: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """Ids of items in order, and the key after which the next page begins, empty at the end."""

    ids: list[uuid.UUID]
    after: str


@dataclass(frozen=True, slots=True)
class _Driver:
    """The rows that a search goes along: in the order of the column `key`, naming items in the column `item`.

    `answers` are the filters that it answers by itself.
    """

    rows: QuerySet[Any]
    key: str
    item: str
    answers: frozenset[str]


def find(project: Project, filters: Filters, *, after: str, size: int) -> Found:
    """At most `size` items that fit all filters, beginning after the key `after`. Workspace plane.

    Raises:
        ValueError: `after` is no key of this search.
    """
    driver = _driver(project, filters)
    conditions = _conditions(project, filters)
    left = [conditions[name] for name in conditions if name not in driver.answers]
    most = SCANNED if left else size
    candidates = _candidates(driver, after, most + 1)
    more, candidates = len(candidates) > most, candidates[:most]
    keys = {item: str(key) for key, item in candidates}
    ids = list(keys)
    if left:
        fitting = set(Item.objects.filter(*left, pk__in=ids).values_list("pk", flat=True))
        ids = [pk for pk in ids if pk in fitting]
    if len(ids) > size:
        return Found(ids[:size], keys[ids[size - 1]])
    return Found(ids, str(candidates[-1][0]) if more else "")


def _candidates(driver: _Driver, after: str, most: int) -> list[tuple[Any, uuid.UUID]]:
    rows = driver.rows
    if after:
        rows = rows.filter(**{f"{driver.key}__gt": _key(driver.key, after)})
    return list(rows.order_by(driver.key).values_list(driver.key, driver.item)[:most])


def _key(column: str, after: str) -> Any:
    if column == "external_id":
        if "\x00" in after:
            raise ValueError("no text has a NUL")
        return after
    if column == "item_id":
        return uuid.UUID(after)
    if (number := whole(after)) is None:
        raise ValueError("not a number in a batch")
    return number


def _driver(project: Project, filters: Filters) -> _Driver:
    mine: Any = {"project": project}
    match filters.show:
        case "contested" | "tied":
            rows = Tally.objects.filter(**mine, **_said(filters))
            return _Driver(rows, "item_id", "item_id", frozenset({"show"}))
        case "returned":
            leases = Lease.objects.filter(**mine, ended_as=Lease.EndedAs.RETURNED).distinct()
            return _Driver(leases, "item_id", "item_id", frozenset({"show"}))
        case "unanswered":
            # Nobody has answered an item whose first slot is filled; of the others a few have another one filled.
            first = Slot.objects.filter(~Q(state=Slot.State.FILLED), **mine, number=1)
            return _Driver(first, "item_id", "item_id", frozenset())
    if filters.key:
        values = MetadataValue.objects.filter(**mine, key=filters.key, value=filters.value)
        return _Driver(values, "item_id", "item_id", frozenset({"value"}))
    if filters.batch and not filters.external_id:
        batch = Item.objects.filter(**mine, batch_id=filters.batch)
        return _Driver(batch, "seq", "id", frozenset({"batch"}))
    items = Item.objects.filter(_begins(filters.external_id), **mine)
    return _Driver(items, "external_id", "id", frozenset({"external_id"}))


def _conditions(project: Project, filters: Filters) -> dict[str, Any]:
    """What is asked for, each as a condition on items."""
    found: dict[str, Any] = {}
    if filters.external_id:
        found["external_id"] = _begins(filters.external_id)
    if filters.batch:
        found["batch"] = Q(batch_id=filters.batch)
    if filters.key:
        values = MetadataValue.objects.filter(key=filters.key, value=filters.value)
        found["value"] = Exists(values.filter(item=OuterRef("pk")))
    if filters.show:
        found["show"] = _shows(project, filters)
    return found


def _shows(project: Project, filters: Filters) -> Any:
    this = {"item": OuterRef("pk")}
    if filters.show == "unanswered":
        return ~Exists(Annotation.objects.filter(**this))
    if filters.show == "returned":
        returned = Lease.EndedAs.RETURNED
        return Exists(Lease.objects.filter(project=project, ended_as=returned, **this))
    return Exists(Tally.objects.filter(**this, **_said(filters)))


def _said(filters: Filters) -> dict[str, Any]:
    """What the tally of an item says that is contested or tied."""
    standing: dict[str, Any] = {"lead": 0}
    if filters.show == "contested":
        standing = {"votes__gte": 1, "margin": 0}
    return {"question": filters.question, **standing}


def _begins(prefix: str) -> Q:
    """External ids that begin with `prefix`, as a range in the order of bytes."""
    if not prefix:
        return Q()
    following = _following(prefix)
    begins = Q(external_id__gte=prefix)
    return begins & Q(external_id__lt=following) if following else begins


def _following(prefix: str) -> str:
    """The least text after all that begin with `prefix`, in the order of code points; empty if there is none."""
    for at in range(len(prefix) - 1, -1, -1):
        code = ord(prefix[at]) + 1
        if code <= 0x10FFFF:
            # No text has the halves of surrogate pairs.
            return prefix[:at] + chr(0xE000 if 0xD800 <= code <= 0xDFFF else code)
    return ""
