"""The sizes of a benchmark run."""

from dataclasses import dataclass

VETERAN_ITEMS = 50_000
QUICK = "100k"


@dataclass(frozen=True)
class Scale:
    """Numbers of items, and how long (seconds) and how often loops run."""

    sizes: tuple[int, ...]
    seconds: float
    rounds: int
    imports: tuple[int, ...]


SCALES = {
    "10k": Scale((10_000,), 4, 2, (10_000,)),
    "100k": Scale((10_000, 100_000), 5, 2, (100_000,)),
    "1m": Scale((10_000, 100_000, 1_000_000), 20, 3, (100_000, 1_000_000)),
}


def label(count: int) -> str:
    """Return a short label: 10000 is 10k, 1000000 is 1M."""
    return f"{count // 1_000_000}M" if count % 1_000_000 == 0 else f"{count // 1000}k"
