"""The dataset card: README.md with the front matter that hubs and `datasets` read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

_COUNT_WORDS = {
    "pairs": "**Pairs in this dataset**",
    "pairs_below_overlap": "of them with fewer accepted annotations than the project asks for",
    "items": "Items in scope",
    "items_judged": "Items with accepted annotations",
    "items_tied": "Items judged a tie",
    "items_contested": "Items without a majority",
    "items_unjudged": "Items without accepted annotations",
    "items_unaccepted": "of them annotated, and nothing accepted yet",
    "items_unanswered": "of them not annotated yet",
    "annotations": "Annotations submitted",
    "annotations_accepted": "Annotations accepted",
    "annotations_in_pairs": "of them counted in a pair",
    "annotations_undecided": "Annotations not decided yet",
    "annotations_tie": "Accepted annotations that say tie",
    "leases_returned": "Items returned unanswered",
}
_COLUMN_WORDS = {
    "prompt": "messages up to the answer",
    "chosen": "the answer annotators preferred, as messages",
    "rejected": "the other answer, as messages",
    "metadata": "one JSON text: where the row comes from and how it was judged",
}


@dataclass(frozen=True, slots=True)
class CardFacts:
    """What only the exporter knows. `license` is a hub licence id, like `cc-by-4.0`; nobody having
    said one, it is `unknown`, for `other` would promise a licence that is named elsewhere."""

    title: str
    license: str = "unknown"
    languages: Sequence[str] = ()
    description: str = ""
    tags: Sequence[str] = field(default=("trl", "preference", "dpo", "rlhf"))


@dataclass(frozen=True, slots=True)
class SplitFacts:
    """The split's figures, as `datasets` checks them."""

    rows: int
    memory_bytes: int
    download_bytes: int


def card_text(facts: CardFacts, split: SplitFacts, counts: dict[str, int]) -> str:
    """The whole README.md."""
    return f"---\n{_front_matter(facts, split)}---\n\n{_body(facts, split, counts)}"


def one_line(text: str) -> str:
    """`text` on one line and without characters that YAML cannot hold."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _quoted(text: str) -> str:
    # A JSON string is a YAML string too, as long as it is left unescaped.
    return json.dumps(one_line(text), ensure_ascii=False)


def _front_matter(facts: CardFacts, split: SplitFacts) -> str:
    lines = [f"license: {_quoted(facts.license)}", f"pretty_name: {_quoted(facts.title)}"]
    if facts.languages:
        lines += ["language:", *(f"- {_quoted(each)}" for each in facts.languages)]
    lines += ["tags:", *(f"- {_quoted(each)}" for each in facts.tags)]
    lines += [f"size_categories:\n- {_size_category(split.rows)}"]
    if split.rows:
        lines += _loading(split)
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


def _loading(split: SplitFacts) -> list[str]:
    lines = [
        "configs:",
        "- config_name: default",
        "  data_files:",
        "  - split: train",
        "    path: data/train-*",
        "dataset_info:",
        "  features:",
    ]
    for name in ("prompt", "chosen", "rejected"):
        lines += [f"  - name: {name}", "    list:"]
        lines += ["    - name: role", "      dtype: string"]
        lines += ["    - name: content", "      dtype: string"]
    lines += ["  - name: metadata", "    dtype: string", "  splits:", "  - name: train"]
    lines += [f"    num_bytes: {split.memory_bytes}", f"    num_examples: {split.rows}"]
    lines += [f"  download_size: {split.download_bytes}", f"  dataset_size: {split.memory_bytes}"]
    return lines


def _body(facts: CardFacts, split: SplitFacts, counts: dict[str, int]) -> str:
    parts = [f"# {one_line(facts.title)}", facts.description.strip()]
    if split.rows:
        parts += [f"{split.rows:,} {_WHAT_IT_IS}", _HOW_TO_LOAD]
        parts += ["## Columns", _table("column", "holds", _COLUMN_WORDS.items())]
    else:
        parts += [_EMPTY]
    parts += ["## Counts", _WHAT_IS_LEFT_OUT, _count_table(counts)]
    parts += ["## Licence and origin", _licence_words(facts)]
    parts += ["## Checking it", _HOW_TO_CHECK]
    return "\n\n".join(part for part in parts if part) + "\n"


def _licence_words(facts: CardFacts) -> str:
    said = "No licence was" if facts.license == "unknown" else f"`{one_line(facts.license)}` was"
    return f"{said} stated for the judgements in this export. {_WHOSE_TEXTS}"


def _count_table(counts: dict[str, int]) -> str:
    known = [name for name in _COUNT_WORDS if name in counts]
    others = sorted(name for name in counts if name not in _COUNT_WORDS)
    rows = [
        (_COUNT_WORDS.get(name, name.replace("_", " ").capitalize()), f"{counts[name]:,}")
        for name in known + others
    ]
    return _table("what", "count", rows, right=True)


def _table(left: str, second: str, rows: Iterable[tuple[str, str]], *, right: bool = False) -> str:
    lines = [f"| {left} | {second} |", "|---|---:|" if right else "|---|---|"]
    lines += [f"| {name} | {value} |" for name, value in rows]
    return "\n".join(lines)


_WHAT_IT_IS = (
    "preference pairs judged by people, in the explicit conversational shape that DPO and reward "
    "trainers read."
)
_EMPTY = "**There is no pair in this export**, so it has no data file and does not load."
_WHAT_IS_LEFT_OUT = (
    "Ties, items without a majority, and work that was not accepted never become pairs; they are "
    "counted here."
)
_WHOSE_TEXTS = (
    "Prompts and answers remain under the terms of where they came from: `item_metadata` inside "
    "`metadata` holds what was imported with each item, and `chosen_model` and `rejected_model` "
    "name what wrote the answers."
)
_HOW_TO_CHECK = (
    "`.rlhfhub/manifest.json` lists every file with its sha256 and holds one digest over all rows "
    "in their order."
)
_HOW_TO_LOAD = """## Loading

```python
from datasets import load_dataset

dataset = load_dataset("path/to/this/folder", split="train")
```

and then, with TRL:

```python
from trl import DPOConfig, DPOTrainer

trainer = DPOTrainer(
    model="path/or/name/of/a/model", args=DPOConfig(output_dir="out"), train_dataset=dataset
)
trainer.train()
```"""
