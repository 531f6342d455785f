"""Text that somebody must write, such as a reason: cleaned and checked in this one place."""

from rlhfhub.ground.canonical import canonical
from rlhfhub.ground.refusals import invalid


def written(field: str, text: str, *, most: int, least: int = 1) -> str:
    """Return what somebody wrote in `field`, without blanks at its ends.

    Raises: Refused, naming the field, if fewer than `least` of its characters can be seen, or it has more than `most`
    characters or a NUL.
    """
    words = text.strip()
    if len(canonical(words)) < least or len(words) > most or "\x00" in words:
        length = f"{least} to {most}" if least > 1 else f"at most {most}"
        raise invalid(field, f"Say why, in {length} characters that can be seen.")
    return words
