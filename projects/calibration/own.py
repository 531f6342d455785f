"""An annotator's own attempts, and the feedback after a verdict, read through narrow doors. Annotator plane."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from projects.calibration.models import Attempt, free_returns
from projects.calibration.selectors import Score, score_of
from projects.enrollment.models import Enrollment
from projects.items.models import Batch
from projects.kinds import form as forms
from projects.kinds.protocol import Question
from projects.plan.models import GuidelineVersion
from projects.work.models import Annotation
from projects.work.services.annotations import form_questions
from rlhfhub.tenancy.raw import unjson


@dataclass(frozen=True, slots=True)
class OwnAttempt:
    """An attempt as its annotator sees it: `done` of at most `items` answers are given, `free_returns` may be returned.

    `returned` items were returned so far. Without an answer for `idle_days` it is left.

    `score` is None and `why` is empty while it runs. A second attempt may begin from `may_retake_at` on.
    """

    id: uuid.UUID
    round: int
    number: int
    state: str
    cause: str
    batch_id: uuid.UUID
    items: int
    idle_days: int
    done: int
    score: Score | None
    why: str
    began_at: datetime
    decided_at: datetime | None
    may_retake_at: datetime | None
    returned: int

    @property
    def free_returns(self) -> int:
        """How many items may be returned; each further one counts as a wrong answer."""
        return free_returns(self.items)

    @property
    def returns_left(self) -> int:
        """How many more items may be returned before each further one counts as a wrong answer."""
        return max(0, self.free_returns - self.returned)


def own_attempts(enrollment_id: uuid.UUID) -> list[OwnAttempt]:
    """Return the annotator's attempts in one enrollment, the oldest first."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM door_calibration_attempts(%s)", [enrollment_id])
        rows = cursor.fetchall()
    return [_attempt(enrollment_id, row) for row in rows]


def _attempt(enrollment_id: uuid.UUID, row: tuple[Any, ...]) -> OwnAttempt:
    pk, number_of_round, number, state, cause, batch_id, items, idle_days, seen, hits = row[:10]
    why, began_at, decided_at, may_retake_at, returned = row[10:]
    done = Annotation.objects.filter(enrollment=enrollment_id, batch=batch_id)
    return OwnAttempt(
        id=pk,
        round=number_of_round,
        number=number,
        state=state,
        cause=cause,
        batch_id=batch_id,
        items=items,
        idle_days=idle_days,
        done=done.count(),
        score=None if seen is None else score_of(hits, seen),
        why=why,
        began_at=began_at,
        decided_at=decided_at,
        may_retake_at=may_retake_at,
        returned=returned,
    )


@dataclass(frozen=True, slots=True)
class OwnStep:
    """What an annotator can do now in calibration.

    `step` is "answer", "passed", "retake", "wait" (for `retake_at`), "resume" (go on with the attempt that was left
    idle), "again" (begin one in another round instead), "closed" (not passed or idle, and no round has a seat for
    them), "none" (wait for a first round) or "stopped" (paused or ended).
    """

    step: str
    retake_at: datetime | None


def steps_of(person_id: uuid.UUID, enrollments: Sequence[uuid.UUID]) -> dict[uuid.UUID, OwnStep]:
    """Return what a person can do in calibration, by these enrollments of theirs. Door or annotator plane."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT * FROM door_calibration_steps(%s, %s)", [person_id, list(enrollments)]
        )
        return {pk: OwnStep(step, at) for pk, step, at in cursor.fetchall()}


@dataclass(frozen=True, slots=True)
class OwnCalibration:
    """An annotator's last attempt, and what they can do now (see `OwnStep`)."""

    last: OwnAttempt | None
    step: str
    retake_at: datetime | None


def standing_of(enrollment: Enrollment) -> OwnCalibration:
    """Return an annotator's last attempt and what they can do now."""
    attempts = own_attempts(enrollment.pk)
    mine = steps_of(enrollment.annotator_id, [enrollment.pk])[enrollment.pk]
    return OwnCalibration(attempts[-1] if attempts else None, mine.step, mine.retake_at)


@dataclass(frozen=True, slots=True)
class OwnPass:
    """An annotator's last pass, and what the main work waits for.

    `has_worked` says that they have answered items of the main work since. `is_open` says that some of it is open, to
    them or to others. Before that, `more` is how many annotators must still pass; 0 if it waits for its project.
    """

    has_worked: bool
    is_open: bool
    more: int


def pass_of(enrollment: Enrollment) -> OwnPass | None:
    """Return what an annotator waits for who has passed; None if they never did."""
    attempts = own_attempts(enrollment.pk)
    passed = [attempt for attempt in attempts if attempt.state == Attempt.State.PASSED]
    if not passed:
        return None
    since = Annotation.objects.filter(
        enrollment=enrollment.pk, submitted_at__gte=passed[-1].decided_at
    )
    has_worked = since.exclude(batch__in=[attempt.batch_id for attempt in attempts]).exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM door_calibration_awaited(%s)", [enrollment.pk])
        row = cursor.fetchone()
    main = Batch.every.filter(project=enrollment.project_id, phase=Batch.Phase.MAIN)
    is_open = main.filter(status=Batch.Status.OPEN).exists()
    return OwnPass(has_worked, is_open, (row and row[0]) or 0)


@dataclass(frozen=True, slots=True)
class RuleNamed:
    """A rule of the guidelines, with its title in the version in force; empty if that has no such rule."""

    id: str
    title: str


@dataclass(frozen=True, slots=True)
class OtherAnswer:
    """What the annotator answered to a question that does not decide, in words."""

    title: str
    words: str


@dataclass(frozen=True, slots=True)
class Feedback:
    """One answer of a decided attempt beside the key: both in words, where A is the item's first response.

    `others` are the answers to the questions that do not decide. `hit` is None for an answer that was not judged.
    `counted` answers led to the verdict.
    """

    number: int
    prompt: list[dict[str, str]]
    responses: list[list[dict[str, str]]]
    own: str
    others: list[OtherAnswer]
    key: str
    hit: bool | None
    counted: bool
    rule: RuleNamed | None
    note: str


def feedback_of(enrollment: Enrollment, attempt_id: uuid.UUID) -> list[Feedback]:
    """Return the feedback on a decided attempt of this annotator, in the order of the answers; empty for any other.

    The enrollment was read with its project's guidelines.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM door_calibration_feedback(%s)", [attempt_id])
        rows = cursor.fetchall()
    mine = Annotation.objects.filter(enrollment=enrollment).only("form_id", "answer")
    answers = mine.in_bulk([row[0] for row in rows])
    titles = _titles(enrollment.project.guideline_version)
    return [
        _feedback(answers[annotation_id], titles, rest)
        for annotation_id, *rest in rows
        if annotation_id in answers
    ]


def _titles(version: GuidelineVersion | None) -> dict[str, str]:
    return {rule["id"]: rule["title"] for rule in version.rules} if version else {}


def _feedback(answer: Annotation, titles: dict[str, str], row: list[Any]) -> Feedback:
    number, question, hit, counted, reference, rule, note, prompt, responses = row
    stored, key = unjson(responses), unjson(reference)
    questions = form_questions(answer.form_id)
    order = range(len(stored))
    asked = [one for one in questions if one["name"] == question]
    others = [one for one in questions if one["name"] != question]
    return Feedback(
        number=number,
        prompt=unjson(prompt),
        responses=[response["messages"] for response in stored],
        own=_words(asked, answer.answer, order),
        others=[
            OtherAnswer(*pair) for pair in forms.titled_summary_of(others, answer.answer, order)
        ],
        key=_words(asked, {question: key}, order),
        hit=hit,
        counted=counted,
        rule=RuleNamed(rule, titles.get(rule, "")) if rule else None,
        note=note,
    )


def _words(asked: Sequence[Question], stored: Mapping[str, Any], order: Sequence[int]) -> str:
    """Describe the answer to the one question in `asked`, without its title."""
    return " ".join(words for _, words in forms.titled_summary_of(asked, stored, order))
