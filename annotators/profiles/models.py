"""What a person tells about themselves, the site's terms and who accepted them, and where people can be paid.

None of it belongs to a workspace, and no workspace reads it.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from annotators.profiles.tags import Content
from rlhfhub.tenancy.base import Row
from rlhfhub.tenancy.models import User

MOST_LANGUAGES = 20
MOST_DOMAINS = 30


class Profile(Row):
    """The profile of one person.

    `adult_at` is when they declared that they are 18 or older; nothing more is asked about their age. `country` is
    where they live (ISO 3166), which decides whether they can be paid. `languages` are language codes (BCP 47),
    `domains` words such as `medicine`. `avoids` names the content that they do not want to see.
    """

    user = models.OneToOneField(User, on_delete=models.PROTECT, related_name="+")
    adult_at = models.DateTimeField(null=True)
    country = models.CharField(max_length=2, blank=True)
    languages = ArrayField(models.CharField(max_length=8), default=list, blank=True)
    domains = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    avoids = ArrayField(
        models.CharField(max_length=10, choices=Content.choices), default=list, blank=True
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(country="") | Q(country__regex=r"^[A-Z]{2}$"), name="profile_country"
            ),
            models.CheckConstraint(
                condition=Q(languages__len__lte=MOST_LANGUAGES)
                & Q(domains__len__lte=MOST_DOMAINS)
                & Q(avoids__contained_by=Content.values),
                name="profile_lists",
            ),
        ]


DOCUMENTS = {
    "work": "Terms of work",
    "confidentiality": "Confidentiality",
    "rights": "Rights in your answers",
}
"""The site's documents for people who work, by the names of their columns, with their titles."""


class Terms(Row):
    """One version of the site's three documents for people who work. It cannot be changed; a new one has a new number.

    The version with the highest number is in force.
    """

    number = models.PositiveSmallIntegerField(unique=True)
    work = models.TextField()
    confidentiality = models.TextField()
    rights = models.TextField()
    sha256 = models.CharField(max_length=64)
    published_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        verbose_name_plural = "terms"

    def __str__(self) -> str:
        return f"Version {self.number}"

    def changed_since(self, before: "Terms") -> list[str]:
        """Return the names of the documents whose texts differ from those of an earlier version."""
        return [name for name in DOCUMENTS if getattr(self, name) != getattr(before, name)]


class Acceptance(Row):
    """The fact that a person accepted one version of the terms. A lease names the one that it was made under.

    Each document is accepted for itself: `work_at`, `confidentiality_at` and `rights_at` say when. The database writes
    them, and takes no acceptance that lacks one.
    """

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    terms = models.ForeignKey(Terms, on_delete=models.PROTECT, related_name="+")
    accepted_at = models.DateTimeField(db_default=Now(), editable=False)
    work_at = models.DateTimeField()
    confidentiality_at = models.DateTimeField()
    rights_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "terms"], name="terms_accepted_once"),
            # What a lease refers to, so that it names an acceptance of its own annotator.
            models.UniqueConstraint(fields=["user", "id"], name="terms_acceptance_key"),
        ]


class PayoutCountry(Row):
    """A country whose people can be paid out, and by which rail. `migrate` copies the rows from `rails.py`."""

    code = models.CharField(max_length=2, unique=True)
    rail = models.CharField(max_length=20)

    class Meta:
        verbose_name_plural = "payout countries"

    def __str__(self) -> str:
        return self.code
