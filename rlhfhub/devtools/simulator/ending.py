"""The end of the demo: accepts part of the work over REST, and exports a dataset."""

import json
from collections.abc import Callable
from typing import Any

from rlhfhub.devtools.demo_data import ITEMS, better_responses
from rlhfhub.devtools.rest import Rest
from rlhfhub.devtools.simulator.minds import fingerprint
from rlhfhub.devtools.waiting import wait_until

ANSWERED_SHARE = 0.6
ACCEPTED_SHARE = 0.8
PAGE = 200
EXPORT_SECONDS = 120
AGREEMENT_SECONDS = 90
VERDICT_SECONDS = 120
ENDED = ("finished", "failed")

Say = Callable[[str], None]


def truth() -> dict[str, str]:
    """Return the text of the better response of each demo item, by the item's fingerprint."""
    known = better_responses()
    found = {}
    with ITEMS.open() as file:
        for line in file:
            item = json.loads(line)
            texts = [response["text"] for response in item["responses"]]
            found[fingerprint(item["prompt"], texts)] = texts[known[item["external_id"]]]
    return found


def wanted_answers(rest: Rest, project: str, batch: str, share: float = ANSWERED_SHARE) -> int:
    """Return how many answers the demo still needs; none once it has exported them.

    Some items stay open, so that people can try the desk. Answers that replace rejected ones are left to them too.
    """
    if is_over(rest, project):
        return 0
    slots = rest.get(f"batches/{batch}/fund/")["slots"]
    return max(0, int(slots * share) - _count(rest, project))


def _count(rest: Rest, project: str) -> int:
    return sum(1 for _ in rest.every(f"projects/{project}/annotations/", page_size=PAGE))


def is_over(rest: Rest, project: str) -> bool:
    """Return whether the project has an export, with which the demo of it ends."""
    return next(iter(rest.every(f"projects/{project}/exports/")), None) is not None


def finish(rest: Rest, project: str, say: Say) -> None:
    """Accept part of the answers, wait for the agreement, and export. Does nothing twice: only one export is made."""
    path = f"projects/{project}/"
    export = next(iter(rest.every(f"{path}exports/")), None)
    if export is None:
        rows = list(rest.every(f"{path}annotations/", page_size=PAGE))
        _accept_part(rest, rows, say)
        _show_agreement(rest, path, len(rows), say)
        export = rest.post(f"{path}exports/")
    _follow(rest, export, say)


def show_round(rest: Rest, project: str, say: Say) -> None:
    """Wait until no attempt of the newest calibration round is running, and print what came of each."""
    newest = next(iter(rest.every(f"projects/{project}/rounds/")))

    def attempts() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = rest.get(f"rounds/{newest['id']}/attempts/")["results"]
        return found

    def are_decided() -> bool:
        return all(one["state"] != "running" for one in attempts())

    wait_until(are_decided, VERDICT_SECONDS, "the verdicts of the calibration round")
    for one in attempts():
        score = one["score"]
        say(f"{one['annotator']} {one['state']} with {score['hits']} of {score['seen']} right")


def show_alerts(rest: Rest, project: str, say: Say) -> None:
    """Print the open alerts of the project."""
    for alert in rest.every(f"projects/{project}/alerts/"):
        if alert["state"] == "open":
            say(f"alert about {alert['annotator'] or 'the project'}: {alert['kind']}")


def _accept_part(rest: Rest, rows: list[dict[str, Any]], say: Say) -> None:
    """Accept the oldest four fifths of the answers; the rest is left for reviewers."""
    oldest = sorted(rows, key=lambda row: str(row["submitted_at"]))[
        : int(len(rows) * ACCEPTED_SHARE)
    ]
    ids = [row["id"] for row in oldest if row["state"] == "submitted"]
    for start in range(0, len(ids), PAGE):
        rest.post("annotations/accept/", {"ids": ids[start : start + PAGE]})
    say(f"accepted {len(ids)} of {len(rows)} answers")


def _show_agreement(rest: Rest, path: str, answers: int, say: Say) -> None:
    """Wait until the worker has counted every answer, and print the agreement."""

    def latest() -> dict[str, Any]:
        return rest.get(f"{path}agreement/")["project"] or {"annotations": 0}

    wait_until(lambda: latest()["annotations"] >= answers, AGREEMENT_SECONDS, "the agreement")
    found = latest()
    if found.get("alpha") is not None:
        # A few answers without a difference have no interval.
        ends = "" if found["low"] is None else f" [{found['low']:.2f}, {found['high']:.2f}]"
        say(f"agreement: alpha {found['alpha']:.2f}{ends} on {found['items']} items")


def _follow(rest: Rest, export: dict[str, Any], say: Say) -> None:
    path = f"exports/{export['id']}/"
    wait_until(lambda: rest.get(path)["state"] in ENDED, EXPORT_SECONDS, "the export")
    export = rest.get(path)
    if export["state"] != "finished":
        raise RuntimeError(f"the export failed: {export['error']}")
    say(f"export {export['number']}: {export['rows']} rows of {export['dataset']}")
