"""Labels and known truth from CSV files, for the command `annotator_stats`."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import TypeVar

import numpy as np

from projects.stats.ratings import Codes, DuplicateRating, Ratings, ratings
from projects.stats.report import FileLevel

#: Column names that are understood; crowd-kit's are the second ones.
RATING_COLUMNS = (("item", "task"), ("annotator", "worker"), ("label",))
TRUTH_COLUMNS = (("item", "task"), ("truth", "label"))

T = TypeVar("T", str, float)


class BadFile(ValueError):
    """A file that cannot be read as labels; the message names the file and the row."""


@dataclass(frozen=True, eq=False)
class RatingsFile:
    """The labels of a file, and what its codes mean.

    `labels[k]` is category `k`: strings in alphabetical order at the nominal level, else numbers in ascending order.
    `missing` counts rows whose label is empty, which are left out.
    """

    ratings: Ratings
    items: Sequence[str]
    annotators: Sequence[str]
    labels: Sequence[str | float]
    missing: int


def read_ratings(path: Path, level: FileLevel) -> RatingsFile:
    """Read the columns item, annotator and label of a CSV file with a header; other columns are not read.

    The header is row 1. An empty label is a missing one. At the nominal level labels are strings, else numbers.

    Raises:
        BadFile: The file cannot be read, has no label, lacks a column or a cell, has a label that is no number at a
            numeric level, or two labels by one annotator on one item.
    """
    rows: list[int] = []
    items: list[str] = []
    annotators: list[str] = []
    texts: list[str] = []
    missing = 0
    for row, (item, annotator, label) in _rows(path, RATING_COLUMNS):
        if not item or not annotator:
            raise BadFile(f"{path}, row {row}: the {'annotator' if item else 'item'} is empty")
        if not label:
            missing += 1
            continue
        rows.append(row)
        items.append(item)
        annotators.append(annotator)
        texts.append(label)
    if not rows:
        raise BadFile(f"{path} has no row with a label")
    item_names, item_codes = _coded(items)
    annotator_names, annotator_codes = _coded(annotators)
    label_names: Sequence[str | float]
    values: Sequence[float] | None = None
    if level == "nominal":
        label_names, label_codes = _coded(texts)
    else:
        numbers = [_number(path, row, text, level) for row, text in zip(rows, texts, strict=True)]
        values, label_codes = _coded(numbers)
        label_names = values
    try:
        coded = ratings(item_codes, annotator_codes, label_codes, values)
    except DuplicateRating as error:
        first, second = rows[error.first], rows[error.second]
        raise BadFile(
            f"{path}, row {second}: annotator {annotators[error.second]!r} has labeled item "
            f"{items[error.second]!r} already in row {first}; keep one of the two"
        ) from None
    return RatingsFile(coded, item_names, annotator_names, label_names, missing)


def read_truth(path: Path, of: RatingsFile, level: FileLevel) -> Codes:
    """Read the columns item and truth of a CSV file with a header; items without labels are passed over.

    Returns:
        For each item code of `of` the code of its known category, -1 where it is unknown, and the number of
        categories where it is a category that nobody used.

    Raises:
        BadFile: As `read_ratings`; also where an item has two truths, or no item of the file has a label.
    """
    item_codes = {name: code for code, name in enumerate(of.items)}
    label_codes: dict[str | float, int] = {}
    label_codes.update((name, code) for code, name in enumerate(of.labels))
    gold = np.full(len(of.items), -1, dtype=np.int64)
    seen: dict[str, int] = {}
    for row, (item, text) in _rows(path, TRUTH_COLUMNS):
        if item in seen:
            raise BadFile(
                f"{path}, row {row}: item {item!r} has a truth already in row {seen[item]}"
            )
        seen[item] = row
        if text and item in item_codes:
            truth = text if level == "nominal" else _number(path, row, text, level)
            gold[item_codes[item]] = label_codes.get(truth, len(of.labels))
    if (gold < 0).all():
        raise BadFile(f"{path} names the truth of no item that has a label")
    return gold


def _rows(path: Path, wanted: Sequence[tuple[str, ...]]) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Yield each row's number and the wanted cells, without blanks around them."""
    row = 1
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file)
            header = [name.strip().lower() for name in next(reader, [])]
            indexes = [_column(path, header, names) for names in wanted]
            for row, cells in enumerate(reader, start=2):
                if not cells:
                    continue
                if len(cells) <= max(indexes):
                    raise BadFile(f"{path}, row {row}: there are only {len(cells)} columns")
                yield row, tuple(cells[index].strip() for index in indexes)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadFile(f"{path} cannot be read as CSV in UTF-8 after row {row}: {error}") from error


def _column(path: Path, header: list[str], names: tuple[str, ...]) -> int:
    for name in names:
        if name in header:
            return header.index(name)
    found = ", ".join(header) or "nothing"
    raise BadFile(f"{path}, row 1: there is no column {names[0]!r} (the header has: {found})")


def _number(path: Path, row: int, text: str, level: FileLevel) -> float:
    try:
        number = float(text)
    except ValueError:
        number = float("nan")
    if not isfinite(number):
        raise BadFile(
            f"{path}, row {row}: the label {text!r} is not a number, which --level {level} needs"
        )
    return number


def _coded(column: list[T]) -> tuple[list[T], Codes]:
    names = sorted(set(column))
    codes = {name: code for code, name in enumerate(names)}
    return names, np.fromiter(map(codes.__getitem__, column), dtype=np.int64, count=len(column))
