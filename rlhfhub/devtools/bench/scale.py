"""How much a run measures."""

from dataclasses import dataclass

VETERAN_ITEMS = 50_000


@dataclass(frozen=True)
class Scale:
    """Numbers of items, and how long and how often loops run."""

    name: str
    sizes: tuple[int, ...]
    seconds: float
    rounds: int
    imports: tuple[int, ...]
    mixed_seconds: float

    @property
    def largest(self) -> int:
        return self.sizes[-1]

    @property
    def mixed_size(self) -> int:
        """The mixed load runs at 100,000 items, or at what there is."""
        return next((size for size in self.sizes if size >= 100_000), self.largest)

    def veteran_items(self, size: int) -> int:
        """How many items the veteran has done."""
        return min(VETERAN_ITEMS, size // 2)


SCALES = {
    "10k": Scale("10k", (10_000,), 4, 2, (10_000,), 10),
    "100k": Scale("100k", (10_000, 100_000), 5, 2, (100_000,), 15),
    "1m": Scale("1m", (10_000, 100_000, 1_000_000), 20, 3, (100_000, 1_000_000), 60),
}
QUICK = "100k"


def label(count: int) -> str:
    """10000 → 10k, 1000000 → 1M."""
    return f"{count // 1_000_000}M" if count % 1_000_000 == 0 else f"{count // 1000}k"
