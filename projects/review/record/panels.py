"""The records of workspaces on the market's listing."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from projects.review.record.selectors import Record, records_of
from projects.work.boards import HOME, ShownEnrollments


@dataclass(frozen=True, slots=True)
class Records:
    """The records of the workspaces whose projects are listed, by the workspaces' ids."""

    by_workspace: Mapping[uuid.UUID, Record]


def on_home(shown: ShownEnrollments) -> Records | None:
    """Return the records of the listed projects' workspaces; None if nothing is listed."""
    if not shown.listed_workspaces:
        return None
    return Records(records_of(sorted(set(shown.listed_workspaces))))


def register() -> None:
    """Register the panel. Called from the AppConfig's ready()."""
    HOME.register("records", on_home)
