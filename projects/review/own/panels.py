"""The panel on an annotator's home: answers to revise and rejections to appeal, by project."""

from dataclasses import dataclass

from projects.review.own.needs import Need, needs_of
from projects.work.boards import HOME, ShownEnrollments


@dataclass(frozen=True, slots=True)
class Needs:
    """What waits for the person, by project, the nearest deadline first."""

    rows: list[Need]


def on_home(shown: ShownEnrollments) -> Needs | None:
    """Return what waits for the person in all their projects; None if nothing does."""
    rows = needs_of(shown.person_id)
    return Needs(rows) if rows else None


def register() -> None:
    """Register the panel. Called from the AppConfig's ready()."""
    HOME.register("decisions", on_home)
