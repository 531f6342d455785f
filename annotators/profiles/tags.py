"""Words by which people and projects are matched: domains, and content that not everybody wants to see."""

import re

from django.db import models

_WORDS = re.compile(r"[^\w+#.]+")


class Content(models.TextChoices):
    """Content that a project may contain and a person may not want to see."""

    VIOLENCE = "violence", "Violence"
    SEXUAL = "sexual", "Sexual content"
    SELF_HARM = "self_harm", "Self-harm and suicide"
    HATE = "hate", "Hate and insults"
    ABUSE = "abuse", "Abuse and cruelty"
    DRUGS = "drugs", "Drugs"
    MEDICAL = "medical", "Injuries and surgery"
    POLITICS = "politics", "Party politics"


def domain(word: str) -> str:
    """Return a domain in the form in which it is compared: lower case, words joined by one hyphen, 40 characters."""
    return _WORDS.sub("-", word.casefold()).strip("-.")[:40].strip("-.")


def domains(words: str) -> list[str]:
    """Return the domains that a text separates by commas or line ends, each once, in their order."""
    found = (domain(word) for word in re.split(r"[,;\n]", words))
    return list(dict.fromkeys(word for word in found if word))
