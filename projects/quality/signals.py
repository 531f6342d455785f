"""What speaks against the answers of projects beside agreement. Workspace plane."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from projects.quality.alerts.standing import in_doubt
from projects.quality.gold.figures import Hits, gold_of_projects
from projects.quality.trust import Signals
from rlhfhub.web.costly import remembered


@dataclass(frozen=True, slots=True)
class _Counted:
    """The accepted answers in doubt, and the answers to gold, by project."""

    in_doubt: dict[uuid.UUID, int]
    gold: dict[uuid.UUID, Hits]


def signals_of(
    questions: Mapping[uuid.UUID, str], open_alerts: Mapping[uuid.UUID, int]
) -> dict[uuid.UUID, Signals]:
    """Return what speaks against the answers to one question of each project.

    `questions` maps ids of projects to the question, `open_alerts` to how many alerts wait for a decision.
    """
    counted = remembered(_key(questions), lambda: _counted(questions))
    return {
        project_id: Signals(
            open_alerts.get(project_id, 0),
            counted.in_doubt.get(project_id, 0),
            counted.gold.get(project_id, Hits()),
        )
        for project_id in questions
    }


def _key(questions: Mapping[uuid.UUID, str]) -> str:
    """Return a cache key for these projects and questions."""
    said = ",".join(f"{project_id}:{question}" for project_id, question in questions.items())
    return f"signals:{uuid.uuid5(uuid.NAMESPACE_OID, said)}"


def _counted(questions: Mapping[uuid.UUID, str]) -> _Counted:
    return _Counted(in_doubt(list(questions)), gold_of_projects(questions))
