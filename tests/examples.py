"""How many examples hypothesis tries."""

from hypothesis import settings

USUAL = 100


def examples(most: int) -> int:
    """`most` in the whole run; as many fewer as the profile says in one that shall be fast (`pytest --fast`)."""
    return max(1, most * settings().max_examples // USUAL)
