"""The reviews of the demo: what members, annotators and a decider of appeals do when the answers are in.

Members and annotators act over REST, as customers and people do. What came of each act is kept in the demo's file, so
that a second run does nothing twice.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rlhfhub.devtools.demo_data import better_responses
from rlhfhub.devtools.demo_file import DemoFile
from rlhfhub.devtools.rest import ApiError, Rest
from rlhfhub.devtools.simulator import deciding, verdicts

Row = dict[str, Any]
Say = Callable[[str], None]

PAGE = 200
TOGETHER = 20
EQUAL_RULE, LOOKS_RULE = "R4", "R3"
RETURN_NOTE = "This pair was close. Please say in a sentence what made the difference: the guidelines ask for it."
EQUAL_NOTE = (
    "One of these answers does what was asked, and the other does not. “About equal” is for two that you would be "
    "content with, or that fail in the same way."
)
LOOKS_NOTE = "This seems to go by the looks of the answer and not by what it says."
STATEMENT = (
    "I read both to the end. The one I chose does what was asked, and its looks did not move me."
)
FINAL_NOTE = (
    "The annotators disagree. This response does what was asked; the other one only looks like it."
)


@dataclass(frozen=True, slots=True)
class Desk:
    """An annotator's enrollment in the paid project, and the login and token with which they work."""

    pseudonym: str
    enrollment: str
    email: str
    token: str


class Reviews:
    """Reviews the answers of the demo. `run` may be repeated."""

    def __init__(self, file: DemoFile, owner: Rest, say: Say) -> None:
        self.file, self.owner, self.say = file, owner, say
        self.path = f"projects/{file.data['project']}/"
        self.better = better_responses()
        self.rows: list[Row] = []
        self.desks: list[Desk] = []

    def run(self) -> None:
        """Send back, reject, appeal, accept together, sample, adjudicate and have answers reviewed, each once."""
        if "reviews" not in self.file.data and _any(self.owner, f"{self.path}rejections/"):
            self.say("the answers were reviewed by an earlier run")
            return
        self.rows = list(self.owner.every(f"{self.path}annotations/", page_size=PAGE))
        self.desks = [self._desk(login) for login in self.file.data["annotators"]]
        self._once("returned", self._send_back)
        self._once("rejected", self._reject)
        self._once("appealed", self._reject_for_looks)
        self._appeal()
        self._once("bulk_accept", self._accept_together)
        self._once("sample_check", self._draw_sample)
        self._once("final_answer", self._adjudicate)
        verdicts.have_reviewed(self.file, self.owner, self.say)
        deciding.decide_appeal(self.file, self.owner, self.say)

    def _once(self, name: str, act: Callable[[], Row | None]) -> None:
        """Do an act and keep what came of it, unless an earlier run did it or no answer is fit for it."""
        made = self.file.data.get("reviews", {})
        if name in made:
            return
        if (found := act()) is None:
            self.say(f"no answer is fit for the demo of: {name.replace('_', ' ')}")
            return
        self.file.keep(reviews={**made, name: found})

    def _desk(self, login: Row) -> Desk:
        with Rest(self.file.data["url"], login["token"]) as rest:
            rows = rest.every("desk/enrollments/")
            own = next(row for row in rows if row["project"] == self.file.data["project"])
        return Desk(own["pseudonym"], own["id"], login["email"], login["token"])

    # --- one answer ---

    def _send_back(self) -> Row | None:
        """Send back an answer that gives no reason."""
        row = self._take(lambda row: not row["answer"].get("reason"))
        return self._refused(row, "return", {"note": RETURN_NOTE})

    def _reject(self) -> Row | None:
        """Reject an answer that calls two responses equal of which one is right."""
        row = self._take(lambda row: _choice(row) == "tie")
        body = {"reason": "rule", "rule": EQUAL_RULE, "note": EQUAL_NOTE}
        return self._refused(row, "reject", body)

    def _reject_for_looks(self) -> Row | None:
        """Reject a right answer, so that its annotator has good reason to appeal."""
        row = self._take(lambda row: _choice(row) == self._right(row))
        body = {"reason": "rule", "rule": LOOKS_RULE, "note": LOOKS_NOTE}
        return self._refused(row, "reject", body)

    def _take(self, is_fit: Callable[[Row], bool]) -> Row | None:
        """Return an undecided answer that is fit, of the first annotator who has one, and do not return it again."""
        for desk in self.desks:
            for row in self.rows:
                is_theirs = row["annotator"] == desk.pseudonym and row["state"] == "submitted"
                if is_theirs and is_fit(row):
                    self.rows.remove(row)
                    return row
        return None

    def _refused(self, row: Row | None, verb: str, body: Row) -> Row | None:
        if row is None:
            return None
        self.owner.post(f"annotations/{row['id']}/{verb}/", body)
        desk = next(one for one in self.desks if one.pseudonym == row["annotator"])
        self.say(f"{verb}: an answer of {desk.email}")
        return {"annotation": row["id"], "enrollment": desk.enrollment, "email": desk.email}

    def _appeal(self) -> None:
        """Let the annotator of the answer that is right appeal; they can do so once."""
        made = self.file.data.get("reviews", {}).get("appealed")
        if made is None or deciding.outcome_of(self.owner, self.path, made) != "appealable":
            return
        [token] = [one.token for one in self.desks if one.enrollment == made["enrollment"]]
        with Rest(self.file.data["url"], token) as rest:
            rest.post(f"desk/annotations/{made['annotation']}/appeal/", {"statement": STATEMENT})
        self.say(f"appeal: {made['email']} says that the rule was followed")

    def _accept_together(self) -> Row | None:
        """Accept the oldest undecided answers together. That takes effect after ten minutes."""
        waiting = [row for row in self.rows if row["state"] == "submitted"]
        ids = [row["id"] for row in sorted(waiting, key=lambda row: str(row["submitted_at"]))]
        if not ids:
            return None
        made = self.owner.post(f"{self.path}bulk-accepts/", {"ids": ids[:TOGETHER]})
        self.say(f"{made['answers']} answers are accepted together in ten minutes")
        return {"id": made["id"]}

    def _draw_sample(self) -> Row | None:
        """Draw a sample of the undecided answers of the measured project."""
        project, batch = self.file.data["measured_project"], self.file.data["measured_batch"]
        try:
            made = self.owner.post(f"projects/{project}/sample-checks/", {"batch": batch})
        except ApiError as error:
            if error.status != 409:
                raise
            return None
        self.say(f"a sample of the {made['answers']} undecided answers is drawn, to be checked")
        return {"id": made["id"], "project": project}

    def _adjudicate(self) -> Row | None:
        """Give the final answer to the first item about which the annotators disagree."""
        choices: dict[str, set[str]] = {}
        for row in self.rows:
            choices.setdefault(row["item"], set()).add(_choice(row))
            if {"0", "1"} <= choices[row["item"]]:
                answer = {"preference": {"choice": self._right(row)}}
                body = {"answer": answer, "note": FINAL_NOTE, "seen": 0}
                self.owner.post(f"items/{row['item']}/adjudications/", body)
                self.say(f"the final answer to {row['external_id']} is given")
                return {"item": row["item"]}
        return None

    def _right(self, row: Row) -> str:
        return str(self.better[row["external_id"]])


def _choice(row: Row) -> str:
    return str(row["answer"]["preference"]["choice"])


def _any(rest: Rest, path: str) -> bool:
    return next(iter(rest.every(path)), None) is not None
