"""The demo's projects, set up over REST as a customer and as annotators would."""

import json
from pathlib import Path
from typing import Any

from rlhfhub.devtools.rest import Rest
from rlhfhub.devtools.waiting import wait_until

GUIDELINES = Path(__file__).with_name("guidelines.md")
FUNDING_SECONDS = 300
READERS = 40


def ensure_project(rest: Rest, *, name: str, **fields: Any) -> str:
    """Return the id of the project with this name, made if missing, with guidelines in force."""
    project = _named(rest, "projects/", name)
    if project is None:
        project = rest.post("projects/", {"name": name, "template": "pairwise", **fields})
    _publish_guidelines(rest, f"projects/{project['id']}/")
    ensure_readers(rest, f"projects/{project['id']}/reading/")
    return str(project["id"])


def ensure_readers(rest: Rest, here: str) -> None:
    """Set money aside for everybody who will read the guidelines, where that pays."""
    money = rest.get(here)
    more = READERS - money["readers_left"] - money["promised"] - money["paid"]
    if money["each_minor"] and more > 0:
        rest.post(here, {"readers": more})


def _publish_guidelines(rest: Rest, project: str) -> None:
    versions = list(rest.every(f"{project}guidelines/"))
    if any(version["published_at"] for version in versions):
        return
    if not versions:
        text = GUIDELINES.read_text()
        versions = [rest.post(f"{project}guidelines/", {"text": text, "change": "major"})]
    rest.post(f"{project}guidelines/{versions[0]['number']}/publish/")


def ensure_batch(
    rest: Rest, project: str, *, name: str, items: bytes, is_opened: bool = True, **plan: Any
) -> str:
    """Return the id of the project's batch with this name, made if missing: imported, funded and perhaps open."""
    batch = _named(rest, f"projects/{project}/batches/", name)
    if batch is None:
        plan = {"name": name, "model_tag": "llmbar", **plan}
        batch = rest.post(f"projects/{project}/batches/", plan)
    here = f"batches/{batch['id']}/"
    if not batch["items_count"]:
        rest.upload(f"{here}items/", items, "application/x-ndjson")
    ensure_funded(rest, str(batch["id"]), is_opened=is_opened)
    return str(batch["id"])


def ensure_funded(rest: Rest, batch: str, *, is_opened: bool = True) -> None:
    """Fund a batch that is not funded, and perhaps open it."""
    here = f"batches/{batch}/"
    known = rest.get(here)
    if known["funding"] == "none":
        rest.post(f"{here}fund/")
    if known["status"] in ("draft", "funded"):
        wait_until(lambda: rest.get(here)["funding"] == "funded", FUNDING_SECONDS, "the funding")
        if is_opened:
            rest.post(f"{here}open/")


def ensure_examples(rest: Rest, project: str, items: bytes) -> None:
    """Show these items of the project's to everybody who may join it, unless it shows some already."""
    if not rest.get(f"projects/{project}/examples/"):
        for line in items.splitlines():
            example = {"external_id": json.loads(line)["external_id"]}
            rest.post(f"projects/{project}/examples/", example)


def _named(rest: Rest, path: str, name: str) -> dict[str, Any] | None:
    return next((row for row in rest.every(path) if row["name"] == name), None)


def ensure_enrolled(rest: Rest, project: str) -> None:
    """Let the annotator of this desk key join the project and accept the guidelines in force."""
    enrollment = next((p for p in rest.every("desk/enrollments/") if p["project"] == project), None)
    if enrollment is None:
        enrollment = rest.post("desk/enrollments/", {"project": project})
    if not enrollment["cleared"]:
        rest.post(
            f"desk/enrollments/{enrollment['id']}/accept-guideline/",
            {"guideline_version": enrollment["guideline_version"], "attested": True},
        )
