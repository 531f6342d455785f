"""`manage.py annotator_stats`: agreement and truth of the labels in any file, without a database."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from django.core.management.base import BaseCommand, CommandError, CommandParser

from projects.quality.ratings_file import BadFile, RatingsFile, read_ratings, read_truth
from projects.stats.intervals import Estimate, wilson_interval
from projects.stats.report import FileLevel, Report, report

#: Of the table, which lists the annotators who agree least.
ANNOTATORS_SHOWN = 20


class Command(BaseCommand):
    help = (
        "Statistics of annotators' labels in a CSV file: how far they agree, who agrees with the rest, and what is "
        "probably true. It needs no database."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--ratings",
            type=Path,
            required=True,
            help="CSV with the columns item, annotator, label; others, such as time, are not read",
        )
        parser.add_argument(
            "--truth", type=Path, help="CSV with the columns item, truth, where it is known"
        )
        parser.add_argument(
            "--level",
            choices=("nominal", "ordinal", "interval"),
            default="nominal",
            help="what labels mean: names, numbers in an order, or numbers that can be subtracted",
        )
        parser.add_argument("--json", action="store_true", help="print JSON instead of a table")

    def handle(
        self,
        *args: Any,
        ratings: Path,
        truth: Path | None,
        level: FileLevel,
        json: bool,
        **options: Any,
    ) -> None:
        # Other columns may hold whole conversations.
        csv.field_size_limit(2**31 - 1)
        try:
            file = read_ratings(ratings, level)
            gold = read_truth(truth, file, level) if truth else None
        except BadFile as error:
            raise CommandError(str(error)) from error
        found = report(file.ratings, level, gold)
        if json:
            self.stdout.write(_json(found, file, level))
        else:
            for line in _table(found, file):
                self.stdout.write(line)


def _json(found: Report, file: RatingsFile, level: FileLevel) -> str:
    alpha, coins = found.krippendorff_alpha, found.leave_one_out
    answer = {
        "items": found.items,
        "annotations": found.annotations,
        "annotators": found.annotators,
        "percent_agreement": found.percent_agreement,
        "krippendorff_alpha": {"value": alpha.value, "low": alpha.low, "high": alpha.high},
        "gwet_ac1": found.gwet_ac1.value,
        "gwet_ac2": found.gwet_ac2.value,
        "fleiss_kappa": found.fleiss_kappa.value,
        "cohen_kappa_mean": found.pairs.mean_kappa(),
        "leave_one_out": {
            name: share
            for name, share, of in zip(
                file.annotators, coins.share.tolist(), coins.compared.tolist(), strict=True
            )
            if of
        },
        "truth": _truth(found),
        "details": _details(found, file, level),
    }
    return json.dumps(answer, ensure_ascii=False, indent=2, allow_nan=False)


def _truth(found: Report) -> dict[str, Any]:
    choice, known = found.choice, found.accuracies
    truth: dict[str, Any] = {
        "majority": {},
        "dawid_skene": {"held_out_log_likelihood": choice.dawid_skene},
        "one_coin": {"held_out_log_likelihood": choice.one_coin},
    }
    if known:
        truth["majority"] |= {
            "accuracy": known.majority,
            "accuracy_ties_shared": known.majority_ties_shared,
        }
        truth["dawid_skene"]["accuracy"] = known.dawid_skene
        truth["one_coin"]["accuracy"] = known.one_coin
    return truth | {"chosen": choice.chosen}


def _details(found: Report, file: RatingsFile, level: FileLevel) -> dict[str, Any]:
    """What else a statistician may ask for."""

    def interval(one: Estimate) -> dict[str, float | None]:
        return {"standard_error": one.standard_error, "low": one.low, "high": one.high}

    return {
        "level": level,
        "categories": len(file.labels),
        "missing_labels": file.missing,
        "krippendorff_alpha": {"standard_error": found.krippendorff_alpha.standard_error},
        "gwet_ac1": interval(found.gwet_ac1),
        "gwet_ac2": interval(found.gwet_ac2),
        "fleiss_kappa": interval(found.fleiss_kappa),
        "cohen_kappa_pairs": len(found.pairs.first),
        "cohen_kappa_quadratic_mean": None
        if level == "nominal"
        else found.pairs.mean_kappa(quadratic=True),
    }


def _table(found: Report, file: RatingsFile) -> Iterator[str]:
    yield f"{found.annotations} labels of {found.items} items by {found.annotators} annotators"
    if file.missing:
        yield f"{file.missing} rows without a label are left out"
    yield ""
    yield f"{'':<28}{'value':>9}  {'95 % interval':<18}{'error':>8}"
    yield _line("percent agreement", Estimate(found.percent_agreement))
    yield _line("Krippendorff's alpha", found.krippendorff_alpha)
    yield _line("Gwet's AC1", found.gwet_ac1)
    yield _line("Gwet's AC2", found.gwet_ac2)
    yield _line("Fleiss' kappa", found.fleiss_kappa)
    pairs = len(found.pairs.first)
    yield _line("Cohen's kappa, mean", Estimate(found.pairs.mean_kappa())) + f"  ({pairs} pairs)"
    yield ""
    yield from _annotators(found, file)
    yield ""
    yield f"Truth: {found.choice.chosen.replace('_', '-')} suits these labels best"
    if found.accuracies:
        yield _line("  accuracy of majority", Estimate(found.accuracies.majority))
        yield _line("  accuracy of Dawid-Skene", Estimate(found.accuracies.dawid_skene))
        yield _line("  accuracy of one-coin", Estimate(found.accuracies.one_coin))


def _annotators(found: Report, file: RatingsFile) -> Iterator[str]:
    """Those whose interval of agreement with the rest reaches least high."""
    rest = found.leave_one_out
    compared = np.flatnonzero(rest.compared).tolist()
    ends = {a: wilson_interval(float(rest.agreed[a]), int(rest.compared[a])) for a in compared}
    worst = sorted(compared, key=lambda a: (ends[a] or (0, 0))[1])[:ANNOTATORS_SHOWN]
    yield f"Annotators against the rest (the lowest {len(worst)} of {len(compared)})"
    for a in worst:
        low, high = ends[a] or (None, None)
        share = Estimate(float(rest.share[a]), low, high)
        yield _line(f"  {file.annotators[a]}", share) + f"  ({int(rest.compared[a])} labels)"


def _line(name: str, one: Estimate) -> str:
    value = "undefined" if one.value is None else f"{one.value:.4f}"
    ends = "" if one.low is None or one.high is None else f"{one.low:.4f} to {one.high:.4f}"
    error = "" if one.standard_error is None else f"{one.standard_error:.4f}"
    return f"{name:<28}{value:>9}  {ends:<18}{error:>8}".rstrip()
