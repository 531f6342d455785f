"""How long a browser is marked, and how long it is stored who used it, for the pages that say so."""

from django import template
from django.conf import settings

from rlhfhub.tenancy.devices import LINKED_DAYS, MAX_AGE_SECONDS

register = template.Library()


@register.inclusion_tag("account/_device.html")
def device_terms() -> dict[str, int]:
    """Render what an account's owner is told about devices."""
    return {
        "cookie_days": MAX_AGE_SECONDS // (24 * 3600),
        "linked_days": LINKED_DAYS,
        "kept_days": settings.DEVICE_USE_DAYS,
    }
