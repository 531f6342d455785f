"""The dataset card: a README.md with the front matter that model hubs and the library `datasets` read."""

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
    "items_uncounted": "Items with no annotation that counts",
    "items_undecided": "Items with an annotation not decided yet",
    "items_decided": "Items decided",
}
_ROWS = {
    "items_in_rows": "Items that made rows",
    "items_below_overlap": "of them with fewer counted annotations than slots",
    "items_adjudicated": "of them with a final answer by a reviewer",
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
    """What the card says beyond the dataset and its counts.

    `license` is a license id as hubs use them, such as `cc-by-4.0`. If none was stated it is `unknown`; `other` would
    promise a license that is named elsewhere.
    """

    title: str
    license: str = "unknown"
    languages: Sequence[str] = ()
    description: str = ""


@dataclass(frozen=True, slots=True)
class SplitFacts:
    """The figures of the split that the library `datasets` compares when it loads the files."""

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
    """The text of README.md."""
    front = _front_matter(dataset, columns, facts, split)
    return f"---\n{front}---\n\n{_body(dataset, columns, facts, split, counts)}"


def one_line(text: str) -> str:
    """`text` on one line, without the characters that YAML does not allow."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _quoted(text: str) -> str:
    # A JSON string is a valid YAML string, too, as long as nothing in it is escaped as \uXXXX.
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
        parts += ["## Columns", _table("column", "content", described)]
    else:
        parts += [_EMPTY]
    parts += ["## Counts", dataset.RULE, _count_table(dataset, counts)]
    parts += ["## License and origin", _license_words(facts)]
    parts += ["## Verification", _HOW_TO_CHECK]
    return "\n\n".join(part for part in parts if part) + "\n"


def _cell(text: str) -> str:
    """`text` as the cell of a markdown table."""
    return one_line(text).replace("|", "\\|")


def _license_words(facts: CardFacts) -> str:
    if facts.license == "unknown":
        stated = "No license was stated for the judgments in this export."
    else:
        stated = (
            f"The stated license of the judgments in this export is `{one_line(facts.license)}`."
        )
    return f"{stated} {_WHOSE_TEXTS}"


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
    """The words for each of an export's counts, by its name, in the order of a funnel from items in scope to rows."""
    reasons = {f"items_{why}": words for why, words in dataset.LEFT_OUT.items()}
    return {**_ITEMS, **reasons, **_ROWS, **_ANNOTATIONS}


def _table(left: str, second: str, rows: Iterable[tuple[str, str]], *, right: bool = False) -> str:
    lines = [f"| {left} | {second} |", "|---|---:|" if right else "|---|---|"]
    lines += [f"| {name} | {value} |" for name, value in rows]
    return "\n".join(lines)


_EMPTY = "**This export has no rows**, so it has no data file and cannot be loaded."
_WHOSE_TEXTS = (
    "Prompts and responses remain under the terms of their sources: `metadata` holds what was imported with each item "
    "and names the models that wrote the responses."
)
_HOW_TO_CHECK = (
    "`.rlhfhub/manifest.json` lists every file with its sha256, and has one digest of all rows in "
    "their order."
)
_HOW_TO_LOAD = """## Loading

```python
from datasets import load_dataset

dataset = load_dataset("path/to/this/folder", split="train")
```"""
