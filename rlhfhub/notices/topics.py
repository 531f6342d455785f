"""What notices are about, and how a person wants mails about each topic."""

from django.db import models


class Topic(models.TextChoices):
    """A topic of notices. A person chooses for each how they get mails."""

    DECISIONS = "decisions", "Decisions about my work"
    APPEALS = "appeals", "Appeals"
    ROUNDS = "rounds", "Calibration"
    GUIDELINES = "guidelines", "Guidelines and terms"
    ALERTS = "alerts", "Alerts about quality"
    PROJECTS = "projects", "Projects and invitations"
    PAYOUTS = "payouts", "Getting paid"


class How(models.TextChoices):
    """How a person gets mails about a topic. Without mails, notices are still in the page."""

    AT_ONCE = "at_once", "At once"
    DAILY = "daily", "Once a day"
    OFF = "off", "No mails"


#: Mails about these cannot be switched off, because a person who misses one may miss the time to appeal.
ALWAYS_MAILED = (Topic.DECISIONS,)
#: The topics whose mails come once a day, unless the person chose otherwise. The others' come at once.
DAILY_BY_DEFAULT = (Topic.GUIDELINES, Topic.PROJECTS)


def default_of(topic: str) -> How:
    """Return the default way of mailing about `topic`, which holds until a person chooses another."""
    return How.DAILY if topic in DAILY_BY_DEFAULT else How.AT_ONCE


def can_be_off(topic: str) -> bool:
    """Return whether a person may choose to get no mails about `topic`."""
    return topic not in ALWAYS_MAILED
