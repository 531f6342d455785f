"""How to start each process: the servers, web, a worker for each queue, and the scheduler."""

import signal
import sys
from pathlib import Path

from rlhfhub.devtools.cores import usable_cores
from rlhfhub.devtools.processes import Recipe
from rlhfhub.devtools.servers import places, postgres, valkey
from rlhfhub.queues import EXPORTS, LONG, SHORT, STRIPE, Queue

# More processes than cores: the kernel gives connections to processes regardless of their load, and a kept connection
# stays with its process, so with few processes a request could wait for a busy one while a core is idle.
WEB_WORKERS_A_CORE = 2
MOST_WEB_WORKERS = 8
# For each queue: the name of its worker, and how many processes that has.
WORKERS = {
    SHORT: ("worker", 2),
    LONG: ("worker-long", 1),
    EXPORTS: ("worker-exports", 1),
    STRIPE: ("worker-stripe", 1),
}
# The most connections of a process, including idle ones and those with unread responses. Each takes a file descriptor,
# of which many systems allow 1024.
WEB_CONNECTIONS = 512
# A connection that is idle, or has not sent a complete request head, for this long is closed.
WEB_HEAD_MILLISECONDS = 15_000


def database_recipe(cluster: postgres.Cluster, logs: Path) -> Recipe:
    """Return the recipe of PostgreSQL."""
    return Recipe(
        name="postgres",
        command=cluster.foreground(),
        log=logs / "postgres.log",
        # SIGINT, because after SIGTERM PostgreSQL waits until all clients disconnect.
        stop_signal=signal.SIGINT,
        patience=60,
        prepare=lambda: postgres.create(cluster),
        ready=lambda alive: postgres.wait_until_ready(cluster, alive),
        identity=places.identity(cluster.user),
        environment=postgres.clean_environment(),
        directory=Path("/"),
    )


def broker_recipe(broker: valkey.Broker, logs: Path) -> Recipe:
    """Return the recipe of Valkey."""
    return Recipe(
        name="broker",
        command=broker.command(daemon=False),
        log=logs / "broker.log",
        prepare=lambda: broker.socket.unlink(missing_ok=True),
        ready=lambda alive: valkey.wait_until_ready(broker, alive),
    )


_CELERY = (sys.executable, "-m", "celery", "--app", "rlhfhub", "--quiet")


def worker_recipe(queue: Queue, logs: Path, port: int) -> Recipe:
    """Return the recipe of one queue's worker."""
    name, processes = WORKERS[queue]
    return Recipe(
        name=name,
        command=[
            *_CELERY, "worker",
            "--queues", queue.name,
            "--concurrency", str(processes),
            "--hostname", f"{name}-{port}@%h",
            "--loglevel", "warning",
            "--without-gossip",
            "--without-mingle",
        ],
        log=logs / f"{name}.log",
        patience=20,
    )  # fmt: skip


def web_recipe(logs: Path, port: int) -> Recipe:
    """Return the recipe of the web server."""
    return Recipe(
        name="web",
        command=[
            sys.executable, "-m", "granian", "rlhfhub.rsgi:application",
            "--interface", "rsgi",
            "--http", "1",
            "--no-ws",
            "--host", "127.0.0.1",
            "--port", str(port),
            "--workers", str(min(WEB_WORKERS_A_CORE * usable_cores(), MOST_WEB_WORKERS)),
            "--backlog", str(2 * WEB_CONNECTIONS),
            "--backpressure", str(WEB_CONNECTIONS),
            "--http1-header-read-timeout", str(WEB_HEAD_MILLISECONDS),
            "--respawn-failed-workers",
            "--respawn-interval", "0.2",
            "--workers-kill-timeout", "8",
            "--log-level", "warning",
        ],
        log=logs / "web.log",
    )  # fmt: skip


def scheduler_recipe(state: Path, logs: Path) -> Recipe:
    """Return the recipe of Celery's scheduler."""
    schedule = ("--schedule", str(state / "beat-schedule"), "--pidfile", "")
    command = [*_CELERY, "beat", *schedule, "--loglevel", "warning"]
    return Recipe(name="scheduler", command=command, log=logs / "scheduler.log")


def site_recipes(state: Path, port: int) -> list[Recipe]:
    """Return the recipes of web, workers and scheduler, in the order they start."""
    logs = state / "log"
    workers = [worker_recipe(queue, logs, port) for queue in WORKERS]
    return [web_recipe(logs, port), *workers, scheduler_recipe(state, logs)]
