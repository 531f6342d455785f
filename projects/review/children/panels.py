"""The panels on a project's page: where its answers are reviewed, and for a review whose answers it reviews."""

from projects.plan.boards import HEAD, PROJECT
from projects.review.children import advice


def register() -> None:
    """Register the panels. Called from the AppConfig's ready()."""
    HEAD.register("reviewed", advice.on_head)
    PROJECT.register("paid_reviews", advice.on_project)
