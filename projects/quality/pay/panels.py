"""The pay per hour on the page of a project."""

from dataclasses import dataclass

from projects.plan import prices
from projects.plan.boards import PROJECT
from projects.plan.hourly import HourlyPay
from projects.plan.models import Project
from projects.quality.pay import floor, measuring


@dataclass(frozen=True, slots=True)
class OnProject:
    """The pay per hour of a project of the market, and the floor; `least_minor` is None where there is none.

    `can_change` tells whether the price can be changed.
    """

    pay: HourlyPay
    least_minor: int | None
    can_change: bool

    @property
    def is_below(self) -> bool:
        """Whether the measured pay per hour is below the floor, or what its price pays by the estimate."""
        if self.least_minor is None:
            return False
        if self.pay.is_measured:
            return floor.is_measured_below(self.pay, self.least_minor)
        return self.pay.price_minor < self.needed_minor

    @property
    def needed_minor(self) -> int:
        """The least price per answer at which an hour pays the floor; 0 without one."""
        return self.pay.price_for(self.least_minor or 0)


def on_project(project: Project) -> OnProject | None:
    """Return the pay per hour; None for a project that pays nothing."""
    if not project.price_minor:
        return None
    return OnProject(
        measuring.pay_of(project), floor.of_project(project), not prices.why_fixed(project)
    )


def register() -> None:
    """Register the panel. Called from the AppConfig's ready()."""
    PROJECT.register("hourly", on_project)
