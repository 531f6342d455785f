"""Progress of long work, as `web/_progress.html` shows it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a long piece of work is: `done` of `total` (None while unknown), in whatever `title` names.

    `state` is `running`, `finished` or `failed`. While it is running, `poll_url` returns the partial again.
    """

    state: str
    title: str
    done: int
    total: int | None
    detail: str
    poll_url: str
