"""Celery tasks of notices."""

from collections import deque

from rlhfhub.notices import collecting, forgetting, sending
from rlhfhub.queues import LONG, in_a_turn


@LONG.task("notices.collect")
def collect() -> None:
    """Make the mails that are due."""
    collecting.collect()


@LONG.task("notices.send")
def send() -> None:
    """Send waiting mails. In the queue of long work, so that a slow mail server delays nothing that is short."""
    deque(in_a_turn(sending.sends()), maxlen=0)


@LONG.task("notices.forget")
def forget() -> None:
    """Delete old notices that were read, and old mails that were sent or given up."""
    deque(in_a_turn(forgetting.forget()), maxlen=0)
