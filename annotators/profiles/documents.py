"""The site's documents for people who work, as files of this checkout or of `TERMS_DIR`. `migrate` publishes them.

Changed texts become the next version, which everybody is asked to accept before their next item.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from annotators.profiles import notices
from annotators.profiles.models import DOCUMENTS, Acceptance, PayoutCountry, Terms
from annotators.profiles.rails import RAILS
from rlhfhub.ground.ids import uuid7


def read() -> dict[str, str]:
    """Return the texts by the document's name. Raises OSError for a missing file."""
    folder = Path(settings.TERMS_DIR)
    return {name: (folder / f"{name}.md").read_text(encoding="utf-8") for name in DOCUMENTS}


def publish(texts: Mapping[str, str], *, using: str = "default") -> Terms:
    """Put the texts in force as the next version, unless they are in force already. By the owner's login.

    People who accepted the version before are told, so that they need not learn it at the desk.

    Returns: the version in force.
    """
    digest = hashlib.sha256("\0".join(texts[name] for name in DOCUMENTS).encode()).hexdigest()
    newest = Terms.objects.using(using).order_by("-number").first()
    if newest and newest.sha256 == digest:
        return newest
    number = newest.number + 1 if newest else 1
    with transaction.atomic(using=using):
        made = Terms.objects.using(using).create(number=number, sha256=digest, **texts)
        if newest:
            people = Acceptance.objects.using(using).filter(terms=newest)
            notices.tell_of_change(made, made.changed_since(newest), people)
    return made


def state_rails(*, using: str = "default") -> None:
    """Make the table of countries with a payout rail equal to `RAILS`. By the owner's login."""
    rows = PayoutCountry.objects.using(using)
    rows.exclude(code__in=RAILS).delete()
    rows.bulk_create(
        [PayoutCountry(id=uuid7(), code=code, rail=rail) for code, rail in RAILS.items()],
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=["rail"],
    )


def publish_after_migrate(*, using: str, plan: Any = (), **_: Any) -> None:
    """Receive post_migrate: publish the texts, and state the countries with a rail."""
    if not any(backwards for _migration, backwards in plan):
        publish(read(), using=using)
        state_rails(using=using)
