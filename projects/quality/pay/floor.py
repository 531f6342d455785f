"""The floor: the least that an hour of a market project must pay, which the site sets for each currency."""

from django.conf import settings

from projects.plan.hourly import HourlyPay
from projects.plan.models import Project


def of_project(project: Project) -> int | None:
    """Return the least pay per hour in minor units; None for unpaid projects and currencies without a floor."""
    if project.access != Project.Access.MARKET:
        return None
    least: int | None = settings.PAY_FLOOR.get(project.currency)
    return least


def is_measured_below(pay: HourlyPay, least: int) -> bool:
    """Return whether the measured pay per hour is below `least`; an estimate never is."""
    return pay.is_measured and pay.pay_minor * 3600 < least * pay.total_seconds
