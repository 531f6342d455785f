"""Invariants of projects: their price has versions."""

from rlhfhub.invariants import Invariant, guards, register

INVARIANTS = (
    Invariant(
        "M6",
        "a paid project's price is that of its newest version, and its versions have no gaps",
        """SELECT p.id AS project, p.price_minor, v.price_minor AS newest, v.number, v.versions
           FROM projects_plan_project p LEFT JOIN LATERAL (
               SELECT price_minor, number, count(*) OVER () AS versions FROM projects_plan_priceversion
               WHERE project_id = p.id ORDER BY number DESC LIMIT 1) v ON true
           WHERE (p.price_minor > 0 OR v.number > 0)
             AND (p.price_minor, v.number) IS DISTINCT FROM (v.price_minor, v.versions)""",
    ),
    Invariant(
        "M6",
        "a price changes by a new version alone: the guards are in place",
        guards(
            ("price_begins", "projects_plan_project"),
            ("price_set", "projects_plan_priceversion"),
            ("append_only", "projects_plan_priceversion"),
        ),
    ),
)


def put_in_register() -> None:
    """Register the invariants. Called when the apps are ready."""
    register("projects.plan", INVARIANTS)
