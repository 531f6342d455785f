"""Measures the statistics on a million labels, beside the packages `krippendorff` and crowd-kit, without a database.

Each figure is taken in a process of its own, whose peak memory says what the computation needs.
"""

import multiprocessing
import resource
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from projects.stats.alpha import krippendorff_alpha
from projects.stats.dawid_skene import dawid_skene
from projects.stats.fall import FallDetector
from projects.stats.judgment import inferred
from projects.stats.ratings import Ratings, ratings
from rlhfhub.devtools.bench.figures import Report

LABELS, OVERLAP, ANNOTATORS, CATEGORIES = 1_000_000, 5, 2_000, 3
ACCURACY = 0.75
STEPS = 20_000
MOST = {"alpha": 0.5, "Dawid-Skene": 4.0}
MOST_MIB = 400.0
# Both stop when hardly anything changes, but not after the same round, so that a few labels may differ.
SAME = 0.999


def measure(report: Report) -> None:
    """Add the figures of alpha with its interval, of Dawid-Skene, and of one step of a monitor."""
    for name, ours, theirs, package in (
        ("alpha", _alpha, _package_alpha, "krippendorff"),
        ("Dawid-Skene", _dawid_skene, _crowd_kit, "crowd-kit"),
    ):
        mine, other = _apart(ours), _apart(theirs)
        title = f"{name} of 1M labels"
        report.add(f"{title}: seconds", mine["seconds"], "s", most=MOST[name])
        report.add(f"{title}: peak of its process", mine["mib"], "MiB", most=MOST_MIB)
        report.add(f"{title}: {package}", other["seconds"], "s", note=f"{other['mib']:.0f} MiB")
        report.add(f"{title}: same result as {package}", _same(mine, other), "share", least=SAME)
    report.add("one step of a drift monitor", _step_microseconds(), "us", most=50)


def _labels() -> Ratings:
    """Make labels of items with one truth each, by annotators of one accuracy."""
    rng = np.random.default_rng(1)
    items = LABELS // OVERLAP
    item = np.repeat(np.arange(items), OVERLAP)
    # Neighbors in a circle, so that nobody has an item twice.
    annotator = (
        rng.integers(ANNOTATORS, size=items)[item] + np.tile(np.arange(OVERLAP), items)
    ) % ANNOTATORS
    truth = rng.integers(CATEGORIES, size=items)[item]
    wrong = (truth + rng.integers(1, CATEGORIES, size=LABELS)) % CATEGORIES
    return ratings(item, annotator, np.where(rng.random(LABELS) < ACCURACY, truth, wrong))


def _apart(work: Callable[[Any], None]) -> dict[str, Any]:
    """Run `work` in a fresh process. Returns what it put into its queue."""
    context = multiprocessing.get_context("spawn")
    queue = context.Queue()
    process = context.Process(target=work, args=(queue,))
    process.start()
    found: dict[str, Any] = queue.get()
    process.join()
    return found


def _timed(queue: Any, compute: Callable[[], Any]) -> None:
    started = time.perf_counter()
    result = compute()
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    queue.put({"seconds": seconds, "mib": peak, "result": result})


def _alpha(queue: Any) -> None:
    data = _labels()
    _timed(queue, lambda: krippendorff_alpha(data, "nominal").value)


def _package_alpha(queue: Any) -> None:
    import krippendorff

    data = _labels()
    counts = np.zeros((data.items, CATEGORIES), dtype=np.int64)
    np.add.at(counts, (data.item, data.label), 1)
    _timed(
        queue,
        lambda: float(krippendorff.alpha(value_counts=counts, level_of_measurement="nominal")),
    )


def _dawid_skene(queue: Any) -> None:
    data = _labels()
    _timed(queue, lambda: dawid_skene(data).truth.label)


def _crowd_kit(queue: Any) -> None:
    import pandas as pd
    from crowdkit.aggregation import DawidSkene

    data = _labels()
    frame = pd.DataFrame({"task": data.item, "worker": data.annotator, "label": data.label})
    _timed(
        queue, lambda: DawidSkene(n_iter=200, tol=1e-6).fit_predict(frame).sort_index().to_numpy()
    )


def _same(mine: dict[str, Any], other: dict[str, Any]) -> float:
    """Return the share of equal results: of labels, or 1 or 0 for two numbers."""
    return float(np.mean(np.isclose(mine["result"], other["result"], atol=1e-9)))


def _step_microseconds() -> float:
    """Measure a step of the monitor of agreement, with two others' labels to compare with."""
    rule = FallDetector()
    state = rule.start()
    labels = (np.random.default_rng(2).random((STEPS, 3)) < 0.15).astype(int).tolist()
    started = time.perf_counter()
    for own, one, other in labels:
        state = rule.step(state, inferred(own, [(one, 0.85), (other, 0.8)]))
    return (time.perf_counter() - started) / STEPS * 1e6
