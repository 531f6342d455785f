"""What the page of a round shows. Workspace plane."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from projects.calibration import agreement, selectors
from projects.calibration.agreement import Judged
from projects.calibration.funnels import Funnel, Stage, funnel_of, stages_of
from projects.calibration.gate import Gate, gate_of
from projects.calibration.models import Round
from projects.calibration.planner import Expected, expected_of
from projects.items.keys.selectors import keys_of
from projects.items.models import Item
from projects.kinds import form as forms
from projects.kinds.positions import letter
from projects.kinds.protocol import Question
from projects.plan.models import Form
from projects.work.models import Annotation, Purpose
from rlhfhub.web.charts import Bar, BarChart, bar_chart

DISAGREEMENTS = 20


@dataclass(frozen=True, slots=True)
class Said:
    """How many annotators gave an answer, in words."""

    words: str
    count: int


@dataclass(frozen=True, slots=True)
class Disagreement:
    """An item that lowers the group's α by `cost`, with all answers and the key in words; A is the first response."""

    item: Item
    cost: float
    said: list[Said]
    key: str
    rule: str


@dataclass(frozen=True, slots=True)
class RoundPage:
    """A round's funnel with its stages and chart, its gate, and the items on which its annotators differ.

    `is_usual` says that α lies in the published band of subjective questions. `open_batches` is how many batches of
    data are open.
    """

    funnel: Funnel
    stages: list[Stage]
    chart: BarChart
    gate: Gate
    open_batches: int
    expected: Expected
    is_usual: bool
    disagreements: list[Disagreement]

    @property
    def told(self) -> int:
        """How many annotators could read right answers of the round: those with a verdict."""
        return self.funnel.passed + self.funnel.failed


def page_of(of: Round) -> RoundPage:
    """Return what the page of a round shows."""
    funnel, gate = funnel_of(of), gate_of(of)
    value = gate.agreement.passed.alpha.value
    return RoundPage(
        funnel=funnel,
        stages=stages_of(funnel),
        chart=_chart(funnel),
        gate=gate,
        expected=expected_of(of),
        open_batches=selectors.open_main_batches(of.project_id),
        is_usual=value is not None and agreement.USUAL_LOW <= value <= agreement.USUAL_HIGH,
        disagreements=disagreements_of(of),
    )


def _chart(funnel: Funnel) -> BarChart:
    """Draw what came of the annotators who began, by their last attempt."""
    counts = {
        "Began": funnel.began,
        "Running": funnel.running,
        "Passed": funnel.passed,
        "Not passed": funnel.failed,
        "Left": funnel.left,
    }
    return bar_chart(
        [Bar(label, count) for label, count in counts.items()],
        name="round-funnel",
        title="Annotators in this round, by their last attempt",
        description=", ".join(f"{label}: {count}" for label, count in counts.items()),
    )


def disagreements_of(of: Round, most: int = DISAGREEMENTS) -> list[Disagreement]:
    """Return the items that cost the group's α most, at most `most`."""
    judged = agreement.judged_of(of)
    if judged is None:
        return []
    costs = agreement.costs_of(judged)[:most]
    return _disagreements(of, judged, {one.item: one.cost for one in costs})


def _disagreements(of: Round, judged: Judged, costs: dict[uuid.UUID, float]) -> list[Disagreement]:
    questions = Form.objects.values_list("questions", flat=True).get(pk=of.form_id)
    asked = [question for question in questions if question["name"] == of.question]
    items = Item.every.in_bulk(list(costs))
    keys = keys_of(of.project, list(costs))
    answers = _answers(of, list(costs))
    found = []
    for pk, cost in costs.items():
        given = keys[pk].keys.get(of.question, []) if pk in keys else []
        words = _words(asked, of.question, given[0].answer) if given else ""
        counts: dict[str, int] = {}
        for stored in answers.get(pk, []):
            said = _words(asked, of.question, stored)
            counts[said] = counts.get(said, 0) + 1
        said_most = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
        found.append(
            Disagreement(
                item=items[pk],
                cost=cost,
                said=[Said(text, count) for text, count in said_most],
                key=words,
                rule=next((key.rule for key in given if key.rule), ""),
            )
        )
    return found


def _answers(of: Round, items: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[object]]:
    rows = Annotation.objects.filter(
        item__in=items, batch__in=[of.batch_id, of.retake_batch_id], purpose=Purpose.CALIBRATION
    )
    found: dict[uuid.UUID, list[object]] = {}
    for item, answer in rows.order_by("pk").values_list("item_id", "answer"):
        if of.question in answer:
            found.setdefault(item, []).append(answer[of.question])
    return found


def _words(asked: Sequence[Question], name: str, stored: object) -> str:
    """Describe an answer to the round's question in one line, without its title."""
    return " ".join(words for _, words in forms.titled_summary_of(asked, {name: stored}, range(10)))


_HEADING = "## Examples from calibration"


def with_items(text: str, chosen: Sequence[Disagreement]) -> str:
    """Return the text of the guidelines with these items appended, under a heading."""
    parts = [text.rstrip()]
    if _HEADING not in text:
        parts.append(_HEADING)
    for one in chosen:
        prompt = one.item.prompt[-1]["content"].strip()
        responses = "\n\n".join(
            f"**{letter(at)}**\n\n{_quoted(response['messages'][-1]['content'])}"
            for at, response in enumerate(one.item.responses)
        )
        rule = f" (rule {one.rule})" if one.rule else ""
        right = f"Right: {one.key or '…'}{rule}"
        parts.append(f"**Example**\n\n{_quoted(prompt)}\n\n{responses}\n\n{right}")
    return "\n\n".join(parts) + "\n"


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}" for line in text.strip().splitlines())
