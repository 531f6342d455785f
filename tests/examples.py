"""How many examples Hypothesis tries."""

from hypothesis import settings

USUAL = 100


def examples(most: int) -> int:
    """Return `most` in a whole run, and in a fast one (`pytest --fast`) the same share of it as the profile has."""
    return max(1, most * settings().max_examples // USUAL)
