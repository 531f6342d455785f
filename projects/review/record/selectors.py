"""Records of workspaces as people read them: rates from enough answers, and the market's median beside them."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from projects.review.record.models import WorkspaceRecord

#: From fewer decided answers, or fewer rejections, too little can be said: a single one would move a rate much.
LEAST_DECIDED, LEAST_REJECTED = 20, 5
#: The market's median is shown from so many workspaces on, so that none can be told from it.
LEAST_WORKSPACES = 5


@dataclass(frozen=True, slots=True)
class Record:
    """How a workspace decided on the answers of the 90 days before `at`. Each share is None from too few answers."""

    decided: int
    by_clock: int
    median_seconds: float | None
    rejected: int
    appeals: int
    overturned: int
    at: datetime

    @property
    def is_enough(self) -> bool:
        """Whether there are enough decided answers to say something."""
        return self.decided >= LEAST_DECIDED

    @property
    def clock_share(self) -> float | None:
        """The share of decided answers that were accepted because nobody decided in time."""
        return self.by_clock / self.decided if self.is_enough else None

    @property
    def rejected_share(self) -> float | None:
        """The share of decided answers that were rejected."""
        return self.rejected / self.decided if self.is_enough else None

    @property
    def overturned_share(self) -> float | None:
        """The share of rejections that were overturned."""
        return self.overturned / self.rejected if self.rejected >= LEAST_REJECTED else None

    @property
    def appeals_overturned_share(self) -> float | None:
        """The share of decided appeals that overturned the rejection."""
        return self.overturned / self.appeals if self.appeals >= LEAST_REJECTED else None


@dataclass(frozen=True, slots=True)
class Market:
    """The medians over all workspaces with enough decided answers; None while too few workspaces have them."""

    workspaces: int
    median_seconds: float | None
    clock_share: float | None
    rejected_share: float | None


_COLUMNS = ("decided", "by_clock", "median_seconds", "rejected", "appeals", "overturned", "at")


def record_of_workspace() -> Record | None:
    """Return the record of the workspace whose plane this is; None before it was counted. Workspace plane."""
    row = WorkspaceRecord.objects.values_list(*_COLUMNS).first()
    return Record(*row) if row else None


def records_of(workspace_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Record]:
    """Return the records of these workspaces that were counted, by their ids. Door or annotator plane."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM door_records(%s)", [list(workspace_ids)])
        return {row[0]: Record(*row[1:]) for row in cursor.fetchall()}


def market() -> Market:
    """Return the medians of the market. Workspace plane."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM door_market_record(%s)", [LEAST_DECIDED])
        count, *medians = cursor.fetchone()
    return Market(count, *(medians if count >= LEAST_WORKSPACES else (None, None, None)))
