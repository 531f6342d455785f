"""What the quality page says about a project's gold. Workspace plane."""

from dataclasses import dataclass

from projects.calibration.selectors import told_items
from projects.items.keys import selectors as keys
from projects.items.models import Key
from projects.plan.models import Project

BY_A_CHECK = "By a check: "
"""How the reason begins for which a check retired a key."""


@dataclass(frozen=True, slots=True)
class GoldOfProject:
    """The keyed items of a project, of which `usable` can be gold. `retired` is how many keys a check retired."""

    items: int
    usable: int
    retired: int


def gold_of_project(project: Project) -> GoldOfProject:
    """Return what a project has for gold. The project must have been read with its form."""
    checked = Key.objects.filter(project=project, retired_because__startswith=BY_A_CHECK)
    return GoldOfProject(
        items=keys.keyed_items(project).count(),
        usable=len(set(keys.gold_items(project)) - told_items(project.pk)),
        retired=checked.count(),
    )
