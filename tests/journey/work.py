"""Steps over REST that journeys share: from items to an open batch, and from answers to a dataset."""

import json
from typing import Any

from projects.plan.models import Project
from rlhfhub.devtools.waiting import wait_until
from tests.journey.caller import Caller

SECONDS = 90


def open_batch(owner: Caller, project: Project, items: list[dict[str, Any]], **plan: int) -> str:
    """Create, fund and open a batch with these items and this overlap plan. Returns its id."""
    batch = owner.post(f"projects/{project.pk}/batches/", plan, status=201)
    lines = "".join(json.dumps(item) + "\n" for item in items).encode()
    headers = {"Content-Type": "application/x-ndjson"}
    path = f"batches/{batch['id']}/"
    sent = owner.http.post(f"{path}items/", content=lines, headers=headers)
    assert sent.json()["created"] == len(items), sent.text
    owner.post(f"{path}fund/", status=202)
    wait_until(lambda: owner.get(f"{path}fund/")["state"] == "funded", SECONDS, "funding")
    assert owner.post(f"{path}open/")["status"] == "open"
    return str(batch["id"])


def counted_agreement(owner: Caller, project: Project, question: str, answers: int) -> Any:
    """Return the agreement on a question, once the worker has counted so many answers."""
    path = f"projects/{project.pk}/agreement/"

    def latest() -> Any:
        return owner.get(path, question=question)["project"]

    wait_until(lambda: (latest() or {}).get("annotations") == answers, SECONDS, "the agreement")
    return latest()


def accept_every_answer(owner: Caller, project: Project) -> int:
    """Accept all submitted answers. Returns their number."""
    path, accepted = f"projects/{project.pk}/annotations/", 0
    while rows := owner.get(path, state="submitted")["results"]:
        ids = [row["id"] for row in rows]
        accepted += owner.post("annotations/accept/", {"ids": ids})["accepted"]
    return accepted


def exported(owner: Caller, project: Project, dataset: str) -> list[dict[str, Any]]:
    """Request a dataset and wait for it. Returns its rows."""
    made = owner.post(f"projects/{project.pk}/exports/", {"dataset": dataset}, status=202)
    path = f"exports/{made['id']}/"
    wait_until(lambda: owner.get(path)["state"] == "finished", SECONDS, dataset)
    sent = owner.http.get(f"{path}download/", params={"file": "train.jsonl"})
    assert sent.status_code == 200, sent.text
    return [json.loads(line) for line in sent.text.splitlines()]
