"""Datasets, and the folders they are written to. Pure: no Django, no database.

A dataset is one module that fulfils `projects.formats.writing.protocol.Dataset`, and one SQL rule of its name in
`projects/exports/rules/`. The form's and REST's choices, counts, manifest and card follow from it.
"""

from . import annotations, dpo, ratings
from .protocol import Dataset

_DATASETS: dict[str, Dataset] = {each.NAME: each for each in (dpo, ratings, annotations)}


def get(name: str) -> Dataset:
    """The dataset of this name. Raises KeyError if there is none."""
    return _DATASETS[name]


def every() -> list[Dataset]:
    """All datasets, in the order that forms offer them."""
    return list(_DATASETS.values())


def register(dataset: Dataset) -> None:
    """Add a dataset. Raises ValueError if its name is taken."""
    if dataset.NAME in _DATASETS:
        raise ValueError(f"there is a dataset of this name already: {dataset.NAME}")
    _DATASETS[dataset.NAME] = dataset


def unregister(name: str) -> None:
    """Take out a dataset that was added. Raises KeyError if there is none of this name."""
    del _DATASETS[name]
