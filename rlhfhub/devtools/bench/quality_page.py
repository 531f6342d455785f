"""Measures how long a project's quality page takes on the server, and how long its figures take to be recomputed."""

import logging
import time
from collections.abc import Callable
from functools import partial
from statistics import median

import psycopg
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from projects.quality import annotators, services, tallies
from rlhfhub.devtools.bench.figures import Report
from rlhfhub.devtools.bench.people import Customer, Workload
from rlhfhub.tenancy import planes

MOST_MS = 300
TIMES, CHUNK = 11, 5000
_ITEMS = "SELECT DISTINCT item_id FROM projects_work_annotation WHERE project_id = %s"
_ANSWERS = "SELECT count(*) FROM projects_work_annotation WHERE project_id = %s"


def measure(owner: psycopg.Connection, work: Workload, customer: Customer, report: Report) -> None:
    """Add the times of the page, and of the jobs that recompute what it shows. Nothing else may run on the site."""
    project = work.project
    answers = sum(row[0] for row in owner.execute(_ANSWERS, [project.pk]))
    items = [row[0] for row in owner.execute(_ITEMS, [project.pk])]
    name = f"quality of {answers:,} answers"
    with planes.in_workspace(project.workspace_id):
        for at in range(0, len(items), CHUNK):
            tallies.refresh(project_id=project.pk, item_ids=items[at : at + CHUNK])
    for what, refresh in (
        ("agreement", services.refresh_agreement),
        ("annotators", annotators.refresh_annotators),
    ):
        with planes.in_workspace(project.workspace_id):
            seconds = seconds_of(partial(refresh, project_id=project.pk))
        report.add(f"{name}: {what} recomputed", seconds, "s")
    call_command("collectstatic", interactive=False, verbosity=0)
    client = Client(HTTP_HOST="127.0.0.1")
    logging.disable(logging.INFO)  # the lines of requests
    with planes.at_door():
        client.force_login(customer.owner)
    page = reverse("project_quality", args=[customer.workspace.slug, project.pk])
    times = [1000 * seconds_of(partial(get, client, page)) for _ in range(TIMES)]
    note = f"{times[0]:.0f} the first time"
    report.add(f"{name}: page", median(times), "ms", most=MOST_MS, note=note)


def seconds_of(act: Callable[[], object]) -> float:
    """Return how long the call takes."""
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


def get(client: Client, page: str) -> None:
    """Request a page. Raises RuntimeError unless it answers 200."""
    response = client.get(page)
    if response.status_code != 200:
        raise RuntimeError(f"{page} answered {response.status_code}")
