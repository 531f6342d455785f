"""Refuses to open batches of the market whose price pays less per hour than the floor."""

from dataclasses import replace

from projects.items import gates
from projects.items.models import Batch
from projects.plan.hourly import HourlyPay
from projects.quality.pay import floor, measuring, raising
from projects.quality.pay.words import time_in_words
from rlhfhub.ground.money import format_minor
from rlhfhub.ground.refusals import Refused


def check(batch: Batch) -> None:
    """Refuse a batch whose price is too low for the measured time of an answer; before there is one, for the estimate.

    Where the answers so far paid too little per hour, the accepted ones must be topped up first.

    Raises: Refused (`below_pay_floor`). Registered with `projects.items.gates`. Workspace plane.
    """
    project = batch.project
    least, price = floor.of_project(project), batch.price_minor
    if least is None or price is None:
        return
    pay = measuring.pay_of(project)
    if not pay.is_measured:
        # The batch's items may be newer than what was measured.
        pay = replace(pay, reading_seconds=measuring.reading_seconds(project.pk))
    if price < pay.price_for(least):
        raise Refused(
            "below_pay_floor", _price_words(pay, price, least, project.currency), status=409
        )
    if floor.is_measured_below(pay, least):
        answers, lacking = raising.paid_less(project, pay.price_for(least))
        if answers:
            words = _past_words(pay, least, answers, lacking, project.currency)
            raise Refused("below_pay_floor", words, status=409)


def _price_words(pay: HourlyPay, price: int, least: int, currency: str) -> str:
    hourly, needed = pay.hourly_at(price), pay.price_for(least)
    return (
        f"{format_minor(price, currency)} per answer pay {format_minor(hourly, currency)} an hour, "
        f"{time_in_words(pay)}. An hour must pay at least {format_minor(least, currency)}: that is "
        f"{format_minor(needed, currency)} per answer. Set the project's price so, and make another batch: a funded "
        "batch keeps the price that it was funded at."
    )


def _past_words(pay: HourlyPay, least: int, answers: int, lacking: int, currency: str) -> str:
    return (
        f"An hour of this work has paid {format_minor(pay.hourly_minor, currency)}, and must pay at least "
        f"{format_minor(least, currency)}. Raise the pay of accepted answers to "
        f"{format_minor(pay.price_for(least), currency)} each first: {answers:,} were paid less, and lack "
        f"{format_minor(lacking, currency)} together."
    )


def register() -> None:
    """Register the check. Called from the AppConfig's ready()."""
    gates.register_check(check)
