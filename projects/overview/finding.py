"""Find the items of a project that pass filters, a page at a time, at a cost that does not grow with the project.

One filter drives the search: its rows are read along an index, in the order of a unique key. The other filters are
checked on at most SCANNED of these rows; then the page ends, even if it is not full. Operators that are not leakproof
(LIKE, jsonb's @>) cannot use an index under row-level security. So a prefix is searched as a range, and metadata in a
table of typed columns.
"""

import uuid
from dataclasses import dataclass
from typing import Any, Literal

from django.db.models import Exists, OuterRef, Q, QuerySet

from projects.items.models import Item, MetadataValue
from projects.plan.models import Project
from projects.quality.models import Tally
from projects.review.adjudication import selectors as adjudications
from projects.work.models import Annotation, Lease, Purpose, Slot
from rlhfhub.ground.numbers import whole

SCANNED = 2000
Show = Literal["", "contested", "tied", "unanswered", "returned", "adjudicated"]


@dataclass(frozen=True, slots=True)
class Filters:
    """The filters of a search. An empty one lets every item pass.

    `external_id` is a prefix of external ids. `show` selects items on which no answer leads alone (contested), on which
    the tie leads (tied), funded ones without an answer (unanswered), ones that an annotator returned unanswered
    (returned), or ones whose final answer a reviewer gave (adjudicated); the first two are about `question`. `key` is a
    declared metadata key and `value` its value as text.
    """

    external_id: str = ""
    show: Show = ""
    question: str = ""
    key: str = ""
    value: str = ""
    batch: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """The ids of items in order, and the key after which the next page begins, which is empty at the end."""

    ids: list[uuid.UUID]
    after: str


@dataclass(frozen=True, slots=True)
class _Driver:
    """The rows that a search reads, in the order of the column `key`; the column `item` names the item of each.

    `answers` are the filters that all these rows pass.
    """

    rows: QuerySet[Any]
    key: str
    item: str
    answers: frozenset[str]


def find(project: Project, filters: Filters, *, after: str, size: int) -> Found:
    """At most `size` items that pass all filters, beginning after the key `after`. Workspace plane.

    Raises:
        ValueError: if `after` is not a key of this search.
    """
    driver = _driver(project, filters)
    conditions = _conditions(project, filters)
    unchecked = [conditions[name] for name in conditions if name not in driver.answers]
    limit = SCANNED if unchecked else size
    candidates = _candidates(driver, after, limit + 1)
    more, candidates = len(candidates) > limit, candidates[:limit]
    keys = {item: str(key) for key, item in candidates}
    ids = list(keys)
    if unchecked:
        passing = set(Item.objects.filter(*unchecked, pk__in=ids).values_list("pk", flat=True))
        ids = [pk for pk in ids if pk in passing]
    if len(ids) > size:
        return Found(ids[:size], keys[ids[size - 1]])
    return Found(ids, str(candidates[-1][0]) if more else "")


def _candidates(driver: _Driver, after: str, limit: int) -> list[tuple[Any, uuid.UUID]]:
    rows = driver.rows
    if after:
        rows = rows.filter(**{f"{driver.key}__gt": _key(driver.key, after)})
    return list(rows.order_by(driver.key).values_list(driver.key, driver.item)[:limit])


def _key(column: str, after: str) -> Any:
    if column == "external_id":
        if "\x00" in after:
            raise ValueError("a text cannot contain a NUL character")
        return after
    if column == "item_id":
        return uuid.UUID(after)
    if (number := whole(after)) is None:
        raise ValueError("not the number of an item in its batch")
    return number


def _driver(project: Project, filters: Filters) -> _Driver:
    of_project: Any = {"project": project}
    match filters.show:
        case "contested" | "tied":
            rows = Tally.objects.filter(**of_project, **_tally_conditions(filters))
            return _Driver(rows, "item_id", "item_id", frozenset({"show"}))
        case "returned":
            returned = Lease.EndedAs.RETURNED
            in_data = {**of_project, "slot__purpose": Purpose.DATA}
            leases = Lease.objects.filter(**in_data, ended_as=returned).distinct()
            return _Driver(leases, "item_id", "item_id", frozenset({"show"}))
        case "adjudicated":
            decided = adjudications.newest().filter(**of_project, withdrawn=False)
            return _Driver(decided, "item_id", "item_id", frozenset({"show"}))
        case "unanswered":
            # An item without an answer has an unfilled first slot. A few items with one have another slot filled;
            # the condition on items excludes these.
            first = Slot.objects.filter(~Q(state=Slot.State.FILLED), **of_project, number=1)
            return _Driver(first, "item_id", "item_id", frozenset())
    if filters.key:
        values = MetadataValue.objects.filter(**of_project, key=filters.key, value=filters.value)
        return _Driver(values, "item_id", "item_id", frozenset({"value"}))
    if filters.batch and not filters.external_id:
        batch = Item.objects.filter(**of_project, batch_id=filters.batch)
        return _Driver(batch, "seq", "id", frozenset({"batch"}))
    items = Item.objects.filter(_begins(filters.external_id), **of_project)
    return _Driver(items, "external_id", "id", frozenset({"external_id"}))


def _conditions(project: Project, filters: Filters) -> dict[str, Any]:
    """A condition on items for each filter that is set, by the filter's name."""
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
    of_item = {"item": OuterRef("pk")}
    if filters.show == "unanswered":
        return ~Exists(Annotation.objects.filter(**of_item))
    if filters.show == "adjudicated":
        return Exists(adjudications.newest().filter(**of_item, withdrawn=False))
    if filters.show == "returned":
        returned = Lease.EndedAs.RETURNED
        return Exists(Lease.objects.filter(project=project, ended_as=returned, **of_item))
    return Exists(Tally.objects.filter(**of_item, **_tally_conditions(filters)))


def _tally_conditions(filters: Filters) -> dict[str, Any]:
    """The conditions that the tally of a contested or tied item fulfills."""
    conditions: dict[str, Any] = {"lead": 0}
    if filters.show == "contested":
        conditions = {"votes__gte": 1, "margin": 0}
    return {"question": filters.question, **conditions}


def _begins(prefix: str) -> Q:
    """The condition that an external id begins with `prefix`, as a range in byte order."""
    if not prefix:
        return Q()
    following = _following(prefix)
    begins = Q(external_id__gte=prefix)
    return begins & Q(external_id__lt=following) if following else begins


def _following(prefix: str) -> str:
    """The first text, in code point order, after all texts that begin with `prefix`; empty if there is none."""
    for at in range(len(prefix) - 1, -1, -1):
        code = ord(prefix[at]) + 1
        if code <= 0x10FFFF:
            # Stored text cannot contain surrogates, so they are skipped.
            return prefix[:at] + chr(0xE000 if 0xD800 <= code <= 0xDFFF else code)
    return ""
