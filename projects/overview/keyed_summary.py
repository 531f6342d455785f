"""How many keyed items a project has, by how many people, and what they are used for. Workspace plane."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from projects.items.keys.selectors import PEOPLE, gold_items, with_people
from projects.items.models import Key
from projects.plan.models import Project
from projects.work.models import Annotation, Purpose, Slot


@dataclass(frozen=True, slots=True)
class KeyedSummary:
    """Of `items` keyed items, `certain` have a right answer that three people gave alike, and `short` too few people's.

    `people` gave the right answers that count. `used` items are or were asked of annotators; `retired` right answers
    count no more.
    """

    items: int
    people: int
    certain: int
    short: int
    used: int
    retired: int


def summary_of(project: Project) -> KeyedSummary:
    """Return the summary of a project that was read with its form."""
    keys = Key.objects.filter(project=project).aggregate(
        people=Count("by", distinct=True, filter=Q(retired_at=None)),
        retired=Count("id", filter=~Q(retired_at=None)),
    )
    items = with_people(project).aggregate(
        items=Count("id"), short=Count("id", filter=Q(people__lt=PEOPLE))
    )
    asked = Slot.objects.filter(project=project, purpose__in=[Purpose.GOLD, Purpose.CALIBRATION])
    return KeyedSummary(
        **keys,
        **items,
        certain=len(gold_items(project)),
        used=asked.order_by().values("item").distinct().count(),
    )


@dataclass(frozen=True, slots=True)
class Order:
    """An order of the list of keyed items: its title, and the columns of the query."""

    title: str
    columns: tuple[str, ...]


#: The orders that the list has; the first is the usual one.
ORDERS = {
    "newest": Order("Newest", ("-id",)),
    "short": Order("Fewest right answers", ("people", "-id")),
    "answered": Order("Most answered", ("-answered", "-id")),
    "retired": Order("Most retired", ("-retired", "-id")),
}


def listed_items(project: Project, rule: str = "") -> QuerySet[Any]:
    """Return the keyed items with the columns that ORDERS names, without their texts.

    With `rule`, those with a right answer that counts and cites this rule.
    """
    answers = Annotation.objects.filter(item=OuterRef("pk")).order_by().values("item")
    retired = Key.objects.filter(item=OuterRef("pk")).exclude(retired_at=None).order_by()
    rows: QuerySet[Any] = with_people(project).annotate(
        answered=Coalesce(Subquery(answers.annotate(n=Count("id")).values("n")), 0),
        retired=Coalesce(Subquery(retired.values("item").annotate(n=Count("id")).values("n")), 0),
    )
    if rule:
        cites = Key.objects.filter(item=OuterRef("pk"), retired_at=None, rule=rule)
        rows = rows.filter(Exists(cites))
    return rows.defer("prompt", "responses", "context", "metadata")
