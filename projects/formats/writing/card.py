"""The dataset card: README.md with the front matter that hubs and `datasets` read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .protocol import Column, Dataset
from .types import features

_ITEMS = {
    "items": "Items in scope",
    "items_unanswered": "Items not annotated yet",
    "items_answered": "Items annotated",
    "items_uncounted": "Items whose annotations all do not count",
    "items_undecided": "Items with an annotation not decided yet",
    "items_decided": "Items decided",
}
_ROWS = {
    "items_in_rows": "Items that made rows",
    "items_below_overlap": "of them with fewer counted annotations than slots",
    "rows": "**Rows in this dataset**",
    "rows_undecided": "of them resting on annotations not decided yet",
}
_ANNOTATIONS = {
    "annotations": "Annotations submitted",
    "annotations_accepted": "of them accepted",
    "annotations_undecided": "of them not decided yet",
    "annotations_rejected": "of them rejected",
    "annotations_returned": "of them returned for revision",
    "annotations_set_aside": "of them set aside",
    "annotations_in_rows": "Annotations that the rows rest on",
    "leases_returned": "Items returned unanswered",
}


@dataclass(frozen=True, slots=True)
class CardFacts:
    """What only the exporter knows. `license` is a hub licence id, like `cc-by-4.0`; nobody having
    said one, it is `unknown`, for `other` would promise a licence that is named elsewhere."""

    title: str
    license: str = "unknown"
    languages: Sequence[str] = ()
    description: str = ""


@dataclass(frozen=True, slots=True)
class SplitFacts:
    """The split's figures, as `datasets` checks them."""

    rows: int
    memory_bytes: int
    download_bytes: int


def card_text(
    dataset: Dataset,
    columns: Sequence[Column],
    facts: CardFacts,
    split: SplitFacts,
    counts: dict[str, int],
) -> str:
    """The whole README.md."""
    front = _front_matter(dataset, columns, facts, split)
    return f"---\n{front}---\n\n{_body(dataset, columns, facts, split, counts)}"


def one_line(text: str) -> str:
    """`text` on one line and without characters that YAML cannot hold."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _quoted(text: str) -> str:
    # A JSON string is a YAML string too, as long as it is left unescaped.
    return json.dumps(one_line(text), ensure_ascii=False)


def _front_matter(
    dataset: Dataset, columns: Sequence[Column], facts: CardFacts, split: SplitFacts
) -> str:
    lines = [f"license: {_quoted(facts.license)}", f"pretty_name: {_quoted(facts.title)}"]
    if facts.languages:
        lines += ["language:", *(f"- {_quoted(each)}" for each in facts.languages)]
    lines += ["tags:", *(f"- {_quoted(each)}" for each in dataset.TAGS)]
    lines += [f"size_categories:\n- {_size_category(split.rows)}"]
    if split.rows:
        lines += _loading(columns, split)
    return "\n".join(lines) + "\n"


def _size_category(rows: int) -> str:
    if rows < 1000:
        return "n<1K"
    bounds = (
        (10_000, "1K<n<10K"),
        (100_000, "10K<n<100K"),
        (1_000_000, "100K<n<1M"),
        (10_000_000, "1M<n<10M"),
        (100_000_000, "10M<n<100M"),
    )
    return next((name for bound, name in bounds if rows < bound), "100M<n<1B")


def _loading(columns: Sequence[Column], split: SplitFacts) -> list[str]:
    lines = [
        "configs:",
        "- config_name: default",
        "  data_files:",
        "  - split: train",
        "    path: data/train-*",
        "dataset_info:",
        "  features:",
    ]
    lines += [line for column in columns for line in features(column.name, column.type, "  ")]
    lines += ["  splits:", "  - name: train"]
    lines += [f"    num_bytes: {split.memory_bytes}", f"    num_examples: {split.rows}"]
    lines += [f"  download_size: {split.download_bytes}", f"  dataset_size: {split.memory_bytes}"]
    return lines


def _body(
    dataset: Dataset,
    columns: Sequence[Column],
    facts: CardFacts,
    split: SplitFacts,
    counts: dict[str, int],
) -> str:
    parts = [f"# {one_line(facts.title)}", facts.description.strip()]
    if split.rows:
        described = [(column.name, _cell(column.words)) for column in columns]
        parts += [f"{split.rows:,} rows. {dataset.DESCRIPTION}", _HOW_TO_LOAD, dataset.EXAMPLE]
        parts += ["## Columns", _table("column", "holds", described)]
    else:
        parts += [_EMPTY]
    parts += ["## Counts", dataset.RULE, _count_table(dataset, counts)]
    parts += ["## Licence and origin", _licence_words(facts)]
    parts += ["## Checking it", _HOW_TO_CHECK]
    return "\n\n".join(part for part in parts if part) + "\n"


def _cell(text: str) -> str:
    """Text that a table of markdown can hold."""
    return one_line(text).replace("|", "\\|")


def _licence_words(facts: CardFacts) -> str:
    said = "No licence was" if facts.license == "unknown" else f"`{one_line(facts.license)}` was"
    return f"{said} stated for the judgements in this export. {_WHOSE_TEXTS}"


def _count_table(dataset: Dataset, counts: dict[str, int]) -> str:
    known = count_words(dataset)
    names = [name for name in known if name in counts]
    names += sorted(name for name in counts if name not in known)
    rows = [
        (known.get(name, name.replace("_", " ").capitalize()), f"{counts[name]:,}")
        for name in names
    ]
    return _table("what", "count", rows, right=True)


def count_words(dataset: Dataset) -> dict[str, str]:
    """What each of an export's counts counts, in the order of a funnel: from what came in to what came out."""
    reasons = {f"items_{why}": words for why, words in dataset.LEFT_OUT.items()}
    return {**_ITEMS, **reasons, **_ROWS, **_ANNOTATIONS}


def _table(left: str, second: str, rows: Iterable[tuple[str, str]], *, right: bool = False) -> str:
    lines = [f"| {left} | {second} |", "|---|---:|" if right else "|---|---|"]
    lines += [f"| {name} | {value} |" for name, value in rows]
    return "\n".join(lines)


_EMPTY = "**There is no row in this export**, so it has no data file and does not load."
_WHOSE_TEXTS = (
    "Prompts and answers remain under the terms of where they came from: `metadata` holds what was "
    "imported with each item and names what wrote the answers."
)
_HOW_TO_CHECK = (
    "`.rlhfhub/manifest.json` lists every file with its sha256 and holds one digest over all rows "
    "in their order."
)
_HOW_TO_LOAD = """## Loading

```python
from datasets import load_dataset

dataset = load_dataset("path/to/this/folder", split="train")
```"""
