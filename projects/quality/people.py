"""What each annotator's answers to one question look like beside those of the others. Pure functions of arrays."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np

from projects.quality.judged import Answered, Question
from projects.quality.measures import tie_of
from projects.stats.annotators import annotator_pairs, credit_of_labels
from projects.stats.intervals import wilson_interval
from projects.stats.ratings import Codes, Floats, Ratings, sum_by
from projects.stats.standing_out import Outliers, even_outliers, share_outliers

#: With fewer judgments nobody is said to stand out, and pages say that there are not enough data yet.
ENOUGH = 30
#: Of an annotator's judgments that differ from the others', the newest are kept.
DIFFERENCES = 30
SPANS, SPAN_JUDGMENTS = 12, 20
#: A pair of annotators is compared from so many shared judgments on. Of an annotator's pairs the largest are kept.
SHARED, PAIRS = 10, 20


def figures_of(question: Question) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each annotator's enrollment and the columns of AnnotatorFigures by name."""
    table = _Table.of(question)
    differences = _differences(question, table.credit)
    spans, beside = _spans(question, table.credit), _beside(question)
    for code, enrollment in enumerate(question.annotators):
        if table.answers[code]:
            columns = table.columns(code) | spans[code]
            yield enrollment, columns | {"differences": differences[code], "beside": beside[code]}


@dataclass(frozen=True, eq=False)
class _Table:
    """Counts of all annotators, one number each in all arrays; `credit` has one number for each judgment."""

    credit: Floats
    answers: Codes
    accepted: Codes
    judgments: Codes
    compared: Codes
    agreed: Floats
    decided: Codes
    chose_first: Codes
    ties: Codes | None
    seconds: Floats
    run: Codes
    agreement_out: Outliers
    first_out: Outliers

    @classmethod
    def of(cls, question: Question) -> "_Table":
        data, size = question.first.data, len(question.annotators)
        answered, credit, tie = question.answered, credit_of_labels(data), tie_of(question.scale)
        is_compared = ~np.isnan(credit)
        first = question.first.chose_first

        def count(of: Codes) -> Codes:
            return np.bincount(of, minlength=size)

        compared = count(data.annotator[is_compared])
        agreed = sum_by(data.annotator[is_compared], credit[is_compared], size)
        decided = count(data.annotator[first >= 0])
        chose_first = count(data.annotator[first == 1])
        return cls(
            credit=credit,
            answers=count(answered.annotator),
            accepted=count(answered.annotator[answered.accepted == 1]),
            judgments=count(data.annotator),
            compared=compared,
            agreed=agreed,
            decided=decided,
            chose_first=chose_first,
            ties=None if tie is None else count(data.annotator[data.label == tie]),
            seconds=_medians(answered, size),
            run=_longest_runs(answered, size),
            agreement_out=share_outliers(agreed, compared, at_least=ENOUGH),
            first_out=even_outliers(chose_first, decided, at_least=ENOUGH),
        )

    def columns(self, code: int) -> dict[str, Any]:
        agreed, compared = float(self.agreed[code]), int(self.compared[code])
        first, decided = int(self.chose_first[code]), int(self.decided[code])
        ties, judgments = (
            None if self.ties is None else int(self.ties[code]),
            int(self.judgments[code]),
        )
        # Sums of thirds may exceed the whole by a last digit.
        agreement_ends = wilson_interval(min(agreed, compared), compared) or (None, None)
        first_ends = wilson_interval(first, decided) or (None, None)
        return {
            "answers": int(self.answers[code]),
            "accepted": int(self.accepted[code]),
            "judgments": judgments,
            "compared": compared,
            "agreed": agreed,
            "agreement": agreed / compared if compared else None,
            "agreement_low": agreement_ends[0],
            "agreement_high": agreement_ends[1],
            "agreement_direction": int(self.agreement_out.direction[code]),
            "median_seconds": float(self.seconds[code]),
            "decided": decided,
            "chose_first": first,
            "first_share": first / decided if decided else None,
            "first_low": first_ends[0],
            "first_high": first_ends[1],
            "first_direction": int(self.first_out.direction[code]),
            "ties": ties,
            "tie_share": ties / judgments if ties is not None and judgments else None,
            "run": int(self.run[code]),
        }


def _medians(answered: Answered, size: int) -> Floats:
    """Return the median seconds of each annotator; NaN without an answer."""
    order = np.lexsort((answered.seconds, answered.annotator))
    seconds = answered.seconds[order]
    ends = np.cumsum(np.bincount(answered.annotator, minlength=size))
    starts = ends - np.bincount(answered.annotator, minlength=size)
    medians = np.full(size, np.nan)
    some = ends > starts
    low, high = (starts + ends - 1)[some] // 2, (starts + ends)[some] // 2
    medians[some] = (seconds[low] + seconds[high]) / 2
    return medians


def _longest_runs(answered: Answered, size: int) -> Codes:
    """Return, for each annotator, the largest number of answers in a row that looked the same on the screen."""
    order = np.argsort(answered.annotator, kind="stable")
    who, looks = answered.annotator[order], answered.looks[order]
    starts = np.flatnonzero((np.diff(who, prepend=-1) != 0) | (np.diff(looks, prepend=-1) != 0))
    longest = np.zeros(size, dtype=np.int64)
    np.maximum.at(longest, who[starts], np.diff(starts, append=len(who)))
    return longest


def _spans(question: Question, credit: Floats) -> list[dict[str, Any]]:
    """Return each annotator's agreement with the rest in equal portions of their compared judgments, oldest first."""
    data, when = question.first.data, question.first.when
    rows = np.flatnonzero(~np.isnan(credit))
    rows = rows[np.argsort(data.annotator[rows], kind="stable")]
    ends = np.cumsum(np.bincount(data.annotator[rows], minlength=len(question.annotators)))
    found = []
    for mine in np.split(rows, ends[:-1]):
        portions = np.array_split(mine, max(1, min(SPANS, len(mine) // SPAN_JUDGMENTS)))
        portions = [portion for portion in portions if len(portion)]
        found.append(
            {
                "span_ends": [_moment(float(when[part[-1]])) for part in portions],
                "span_compared": [len(part) for part in portions],
                "span_agreed": [float(credit[part].sum()) for part in portions],
            }
        )
    return found


def _beside(question: Question) -> dict[int, list[dict[str, Any]]]:
    """Return, for each annotator, the others with whom they share the most judged units."""
    pairs = annotator_pairs(question.first.data, shared=SHARED)
    kappas = pairs.kappa if question.scale.level == "nominal" else pairs.quadratic_kappa
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for at in np.argsort(-pairs.shared, kind="stable").tolist():
        kappa = float(kappas[at])
        of_pair = {
            "shared": int(pairs.shared[at]),
            "agreement": float(pairs.agreement[at]),
            "kappa": None if np.isnan(kappa) else kappa,
        }
        one, other = int(pairs.first[at]), int(pairs.second[at])
        for who, with_whom in ((one, other), (other, one)):
            if len(found[who]) < PAIRS:
                found[who].append({"enrollment": question.annotators[with_whom], **of_pair})
    return found


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _differences(question: Question, credit: Floats) -> dict[int, list[dict[str, Any]]]:
    """Return each annotator's newest judgments that differ from what most of the others say, newest first."""
    data = question.first.data
    values = [category.value for category in question.scale.categories]
    rows = _newest(data.annotator, np.flatnonzero(credit == 0)[::-1])
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row, others in zip(rows.tolist(), _lead_of_others(data, rows), strict=True):
        if others >= 0:
            item, unit = question.units[int(data.item[row])]
            found[int(data.annotator[row])].append(
                {
                    "item": item,
                    "unit": unit,
                    "said": values[int(data.label[row])],
                    "others": values[others],
                }
            )
    return found


def _newest(annotator: Codes, rows: Codes) -> Codes:
    """Return the first DIFFERENCES of each annotator's rows."""
    order = np.argsort(annotator[rows], kind="stable")
    who = annotator[rows][order]
    starts = np.flatnonzero(np.diff(who, prepend=-1))
    rank = np.arange(len(who)) - np.repeat(starts, np.diff(starts, append=len(who)))
    return rows[order[rank < DIFFERENCES]]


def _lead_of_others(data: Ratings, rows: Codes) -> list[int]:
    """Return what most of the others say about the unit of each row; -1 where two categories are equally frequent."""
    units, rank = np.unique(data.item[rows], return_inverse=True)
    at = np.searchsorted(units, data.item)
    known = np.flatnonzero(at < len(units))
    known = known[units[at[known]] == data.item[known]]
    size = data.categories
    table = np.bincount(at[known] * size + data.label[known], minlength=len(units) * size)
    others = table.reshape(-1, size)[rank]
    others[np.arange(len(rows)), data.label[rows]] -= 1
    most = others.max(axis=1, initial=0)
    lead = np.where((others == most[:, None]).sum(axis=1) == 1, others.argmax(axis=1), -1)
    found: list[int] = lead.tolist()
    return found
