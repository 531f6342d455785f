"""Exports as pages show them: how many items became rows, and the files."""

from collections.abc import Mapping
from dataclasses import dataclass

from projects.exports import storage
from projects.exports.changes import Changes
from projects.exports.models import Export
from projects.formats import writing
from projects.formats.writing.card import count_words
from projects.formats.writing.manifest import ManifestFile
from projects.formats.writing.protocol import Dataset


@dataclass(frozen=True, slots=True)
class Count:
    """A number, and the words for what it counts."""

    words: str
    number: int


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of the funnel.

    `items` of the `of` items in scope reached it; `lost` says why others reached only the stage before.
    """

    words: str
    items: int
    of: int
    lost: list[Count]


@dataclass(frozen=True, slots=True)
class ShownExport:
    """An export with what its page shows. `funnel` and `counts` are empty until it is frozen.

    `changes` are the decisions since then that another export would hold otherwise.
    """

    export: Export
    title: str
    is_running: bool
    funnel: list[Stage]
    counts: list[Count]
    files: list[ManifestFile]
    changes: Changes


# Each stage: the name of its count, its title, and the names of the counts of items lost on the way to it.
_STAGES = (
    ("items", "In scope", ()),
    ("items_answered", "Answered", ("items_unanswered",)),
    ("items_decided", "Decided", ("items_undecided", "items_uncounted")),
)
_LOST = {
    "items_unanswered": "not answered yet",
    "items_undecided": "with an answer not decided yet",
    "items_uncounted": "whose answers do not count",
}


def shown(export: Export, changes: Changes) -> ShownExport:
    """What the page of exports shows of this one, in which `changes` came later."""
    dataset = writing.get(export.dataset)
    return ShownExport(
        export=export,
        title=dataset.TITLE,
        is_running=export.state in Export.State.unfinished(),
        funnel=_funnel(dataset, export.counts) if export.counts else [],
        counts=_counts(dataset, export.counts),
        files=storage.files(export),
        changes=changes,
    )


def _funnel(dataset: Dataset, counts: Mapping[str, int]) -> list[Stage]:
    reasons = {
        f"items_{why}": title.removeprefix("Items ") for why, title in dataset.LEFT_OUT.items()
    }
    stages = (*_STAGES, ("items_in_rows", "In the dataset", tuple(reasons)))
    words = _LOST | reasons
    return [
        Stage(title, counts[name], counts["items"], _nonzero({words[n]: counts[n] for n in lost}))
        for name, title, lost in stages
    ]


def _nonzero(counts: Mapping[str, int]) -> list[Count]:
    return [Count(words, number) for words, number in counts.items() if number]


def _counts(dataset: Dataset, counts: Mapping[str, int]) -> list[Count]:
    """All counts in the card's order, which the stored jsonb object does not keep."""
    words = {name: title.strip("*") for name, title in count_words(dataset).items()}
    named = [name for name in words if name in counts]
    others = sorted(name for name in counts if name not in words)
    return [
        Count(words.get(n, n.replace("_", " ").capitalize()), counts[n]) for n in named + others
    ]
