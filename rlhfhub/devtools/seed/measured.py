"""The demo's measured project: annotators pass a calibration round before they work, and some items are gold."""

import json
from itertools import islice
from typing import Any

from rlhfhub.devtools.demo_data import ITEMS, better_responses
from rlhfhub.devtools.rest import ApiError, Rest
from rlhfhub.devtools.seed import work

NAME = "Which answer follows the instruction?"
EXPERTS = ("Ines", "Tomas", "Yuki")
#: The first items of the demo's file are keyed: those of an attempt and of the retake, and as many as one attempt's
#: that are in no round. Gold is drawn from these, so that whoever passed has not had the retake's and can be
#: recalibrated. All other items are the project's data.
ATTEMPT_ITEMS, SEATS, NEEDED = 30, 12, 3
KEYED_ITEMS = 3 * ATTEMPT_ITEMS
#: Why an answer is right, by the rule of the guidelines: where the other one was made to look better, and elsewhere.
MISLEADING = ("R3", "The other answer reads well, but it does not do what was asked.")
PLAIN = ("R2", "This answer does more of what was asked, or has fewer mistakes. That weighs most.")
PRICE_MINOR = 25


def ensure(rest: Rest) -> tuple[str, str]:
    """Return the ids of the project and of its batch, which is funded; it opens when enough people passed the round."""
    project = work.ensure_project(
        rest,
        name=NAME,
        access="market",
        price_minor=PRICE_MINOR,
        overlap=3,
        programs=True,
        calibration="required",
        taste_questions=[],
    )
    _ensure_keys(rest, project)
    _ensure_round(rest, project)
    plan = {"gold_percent": 10, "repeat_percent": 3, "reserve_percent": 10}
    batch = work.ensure_batch(
        rest, project, name="Measured pairs", items=_data(), is_opened=False, **plan
    )
    return project, batch


def open_batch(rest: Rest, batch: str) -> str:
    """Open the batch. Returns "" or why it stays closed: too few people have passed."""
    try:
        rest.post(f"batches/{batch}/open/")
    except ApiError as error:
        if error.status != 409:
            raise
        return str(json.loads(error.body)["detail"])
    return ""


def _ensure_keys(rest: Rest, project: str) -> None:
    if next(iter(rest.every(f"projects/{project}/keys/")), None) is None:
        rest.upload(f"projects/{project}/keys/", _keyed(), "application/x-ndjson")


def _ensure_round(rest: Rest, project: str) -> None:
    found = next(iter(rest.every(f"projects/{project}/rounds/")), None)
    if found is None:
        fields = {"question": "preference", "items": ATTEMPT_ITEMS, "seats": SEATS}
        found = rest.post(f"projects/{project}/rounds/", {**fields, "needed": NEEDED})
    if found["state"] == "draft":
        rest.post(f"rounds/{found['id']}/fund/")


def _keyed() -> bytes:
    """The first items of the demo's file, each with the right answer of three people."""
    better = better_responses()
    rows = []
    with ITEMS.open() as file:
        for line in islice(file, KEYED_ITEMS):
            item: dict[str, Any] = json.loads(line)
            answer = {"preference": {"choice": str(better[item["external_id"]])}}
            is_misleading = item["metadata"]["subset"].startswith("Adversarial")
            rule, note = MISLEADING if is_misleading else PLAIN
            item["key"] = [
                {"by": by, "answer": answer, "rule": rule, "note": note} for by in EXPERTS
            ]
            rows.append(json.dumps(item, ensure_ascii=False))
    return "\n".join(rows).encode()


def _data() -> bytes:
    with ITEMS.open("rb") as file:
        return b"".join(islice(file, KEYED_ITEMS, None))
