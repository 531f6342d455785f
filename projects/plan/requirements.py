"""Services: change what a project asks of its annotators. Workspace plane."""

import uuid
from collections.abc import Collection, Sequence
from typing import Any

from annotators.profiles import places, tags
from projects.plan.models import Project, Requirement
from rlhfhub.ground.refusals import invalid
from rlhfhub.tenancy import audit

MOST = 20


def set_requirement(
    *,
    project: Project,
    actor_id: uuid.UUID | None,
    languages: Sequence[str] = (),
    languages_need: str = Requirement.Need.ALL,
    domains: Sequence[str] = (),
    domains_need: str = Requirement.Need.ALL,
    content: Sequence[str] = (),
) -> Project:
    """Put what the project asks for in force, as a new version. It holds from each annotator's next lease on.

    Nothing asked is no requirement. The same once more changes nothing.

    Raises: Refused, naming the field, for a language, need or content that nobody knows, and for too many.
    """
    words = list(dict.fromkeys(word for word in map(tags.domain, domains) if word))
    wanted: dict[str, Any] = {
        "languages": _known("languages", languages, places.languages()),
        "languages_need": _known("languages_need", [languages_need], Requirement.Need.values)[0],
        "domains": _few("domains", words),
        "domains_need": _known("domains_need", [domains_need], Requirement.Need.values)[0],
        "content": _known("content", content, tags.Content.values),
    }
    project = Project.objects.select_for_update(of=("self",)).get(pk=project.pk)
    now = project.requirement
    if now and all(getattr(now, name) == value for name, value in wanted.items()):
        return project
    asks = wanted["languages"] or wanted["domains"] or wanted["content"]
    project.requirement = _next_version(project, wanted, actor_id) if asks else None
    project.save(update_fields=["requirement"])
    audit.note("project.requirement", project.pk, actor_id=actor_id, data=wanted)
    return project


def _next_version(
    project: Project, wanted: dict[str, Any], actor_id: uuid.UUID | None
) -> Requirement:
    last = Requirement.objects.filter(project=project).order_by("-number").first()
    return Requirement.objects.create(
        workspace_id=project.workspace_id,
        project=project,
        number=last.number + 1 if last else 1,
        created_by_id=actor_id,
        **wanted,
    )


def _known(field: str, values: Sequence[str], known: Collection[str]) -> list[str]:
    for value in values:
        if value not in known:
            raise invalid(field, f"“{value[:40]}” is not one that we know.")
    return _few(field, values)


def _few(field: str, values: Sequence[str]) -> list[str]:
    found = list(dict.fromkeys(values))
    if len(found) > MOST:
        raise invalid(field, f"This must name at most {MOST}.")
    return found
