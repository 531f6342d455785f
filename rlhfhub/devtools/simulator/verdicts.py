"""The demo's paid review: annotators judge answers that others gave to the project in which responses are rated."""

from collections.abc import Callable
from typing import Any

from rlhfhub.devtools.demo_file import DemoFile
from rlhfhub.devtools.rest import ApiError, Rest
from rlhfhub.devtools.seed import work

Say = Callable[[str], None]

PRICE_MINOR = 15
REVIEWERS = 4
#: One for each reviewer. Items that are left keep the review on the market.
VERDICTS: tuple[dict[str, str], ...] = (
    {"verdict": "accept"},
    {
        "verdict": "broken",
        "rule": "R2",
        "note": "The ratings do not say which response does what was asked.",
    },
    {"verdict": "accept"},
    {"verdict": "return", "note": "Please read the request again: the ratings look turned around."},
)


def have_reviewed(file: DemoFile, owner: Rest, say: Say) -> None:
    """Have the undecided answers of the rated project reviewed for pay, and let some reviewers begin."""
    made = file.data.get("reviews", {})
    if "paid_review" not in made:
        if (review := _ask(file.data["rated_batch"], owner)) is None:
            say("no answer is left to have reviewed")
            return
        file.keep(reviews={**made, "paid_review": review})
    review = file.data["reviews"]["paid_review"]
    work.ensure_funded(owner, review["batch"])
    work.ensure_readers(owner, f"projects/{review['project']}/reading/")
    given = sum(1 for _ in owner.every(f"projects/{review['project']}/annotations/"))
    people = file.data["annotators"][-REVIEWERS:]
    for login, verdict in list(zip(people, VERDICTS, strict=True))[given:]:
        with Rest(file.data["url"], login["token"]) as desk:
            _judge(desk, review["project"], verdict)
            say(f"review: {login['email']} says {verdict['verdict']}")


def _ask(batch: str, owner: Rest) -> dict[str, Any] | None:
    """Return the batch and the project of a new review; None if no answer is undecided."""
    try:
        made = owner.post(f"batches/{batch}/paid-review/", {"price_minor": PRICE_MINOR})
    except ApiError as error:
        if error.status != 409:
            raise
        return None
    return {"batch": made["batch"], "project": made["project"]}


def _judge(desk: Rest, project: str, verdict: dict[str, str]) -> None:
    """Join the review and judge one answer. Nothing is judged if only own answers are left."""
    work.ensure_enrolled(desk, project)
    if lease := desk.post("desk/lease/", {"project": project}):
        desk.post(f"desk/leases/{lease['id']}/submit/", {"answer": verdict})
