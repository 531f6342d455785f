"""All statistics of one set of labels together."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from projects.stats.agreement import percent_agreement
from projects.stats.alpha import krippendorff_alpha
from projects.stats.annotators import (
    AgainstTheRest,
    AnnotatorPairs,
    annotator_pairs,
    leave_one_out,
)
from projects.stats.dawid_skene import dawid_skene, fits_in_memory
from projects.stats.gwet import Weighting, gwet_ac1, gwet_ac2
from projects.stats.intervals import Estimate
from projects.stats.kappa import fleiss_kappa
from projects.stats.model_choice import FOLDS, ModelChoice, choose_model
from projects.stats.one_coin import one_coin
from projects.stats.ratings import Codes, Ratings
from projects.stats.truth import majority_accuracy_ties_shared, majority_vote

FileLevel = Literal["nominal", "ordinal", "interval"]
#: The weights of AC2 that suit each level; at the nominal level AC2 is AC1.
WEIGHTING: dict[FileLevel, Weighting] = {
    "nominal": "identity",
    "ordinal": "ordinal",
    "interval": "quadratic",
}
#: Above so many labels one round of holding labels back is enough to choose a model.
MANY_LABELS = 200_000


@dataclass(frozen=True, eq=False)
class Accuracies:
    """The share of items on which each way to infer the truth finds the known one; None without known truth.

    `majority_ties_shared` counts a tie of k leading labels as 1/k, and `majority` the lowest of them.
    `dawid_skene` is None also where there are too many categories for it.
    """

    majority: float | None
    majority_ties_shared: float | None
    dawid_skene: float | None
    one_coin: float | None


@dataclass(frozen=True, eq=False)
class Report:
    """The statistics of a set of labels; where the data do not define one it is None."""

    items: int
    annotations: int
    annotators: int
    percent_agreement: float | None
    krippendorff_alpha: Estimate
    gwet_ac1: Estimate
    gwet_ac2: Estimate
    fleiss_kappa: Estimate
    pairs: AnnotatorPairs
    leave_one_out: AgainstTheRest
    choice: ModelChoice
    accuracies: Accuracies | None


def report(data: Ratings, level: FileLevel, gold: Codes | None = None) -> Report:
    """Compute everything; for sources and definitions see the functions that are called.

    Args:
        data: The labels.
        level: Of measurement.
        gold: For each item the known category, negative where it is unknown.

    Raises:
        ValueError: There is no label.
    """
    if not len(data.item):
        raise ValueError("there is no label")
    rounds = 1 if len(data.item) > MANY_LABELS else FOLDS
    return Report(
        items=len(np.unique(data.item)),
        annotations=len(data.item),
        annotators=len(np.unique(data.annotator)),
        percent_agreement=percent_agreement(data),
        krippendorff_alpha=krippendorff_alpha(data, level),
        gwet_ac1=gwet_ac1(data),
        gwet_ac2=gwet_ac2(data, WEIGHTING[level]),
        fleiss_kappa=fleiss_kappa(data),
        pairs=annotator_pairs(data),
        leave_one_out=leave_one_out(data),
        choice=choose_model(data, rounds=rounds),
        accuracies=None if gold is None else accuracies(data, gold),
    )


def accuracies(data: Ratings, gold: Codes) -> Accuracies:
    """Compare what is inferred without gold with gold."""
    full = dawid_skene(data).truth.accuracy(gold) if fits_in_memory(data) else None
    return Accuracies(
        majority=majority_vote(data).accuracy(gold),
        majority_ties_shared=majority_accuracy_ties_shared(data, gold),
        dawid_skene=full,
        one_coin=one_coin(data).truth.accuracy(gold),
    )
