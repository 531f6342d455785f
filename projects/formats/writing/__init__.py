"""Datasets, and the folders they are written to. Pure: no Django, no database.

A dataset is one module that fulfills `projects.formats.writing.protocol.Dataset`, and one SQL rule of its name in
`projects/exports/rules/`. The choices in forms and REST, the counts, the manifest and the card follow from these two.
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
        raise ValueError(f"a dataset of this name is registered already: {dataset.NAME}")
    _DATASETS[dataset.NAME] = dataset


def unregister(name: str) -> None:
    """Remove the dataset of this name. Raises KeyError if there is none."""
    del _DATASETS[name]
