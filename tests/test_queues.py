"""Every task has a queue and limits of minutes, and every queue has workers wherever the site is started."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.db import connection

from projects.exports import progress_limit
from rlhfhub import queues
from rlhfhub.celery import app
from rlhfhub.devtools.recipes import site_recipes
from rlhfhub.events import broker
from rlhfhub.queues import EXPORTS, QUEUES, SHORT, Queue
from rlhfhub.tenancy import planes

CHECKOUT = Path(__file__).resolve().parents[1]
HARDEST = 600
ENQUEUED = re.compile(r'broker\.enqueue\(\s*"([^"]+)"')
OURS = sorted(name for name in app.tasks if not name.startswith(("celery.", "tests.")))


def queue_of(name: str) -> Queue:
    sent_to = app.amqp.router.route({}, name)["queue"].name
    return next(queue for queue in QUEUES if queue.name == sent_to)


@pytest.mark.parametrize("name", OURS)
def test_a_task_has_a_queue_and_limits(name: str) -> None:
    assert queues.route(name), "not left to the default"
    queue, task = queue_of(name), app.tasks[name]
    assert (task.soft_time_limit, task.time_limit) == (queue.soft, queue.hard)
    assert queue.statement < queue.soft < queue.hard
    if queue is not EXPORTS:
        assert queue.hard <= HARDEST
    assert task.acks_late


def test_an_export_is_limited_by_its_silence() -> None:
    assert EXPORTS.statement < progress_limit.LIMIT_SECONDS <= HARDEST
    assert [name for name in OURS if queue_of(name) is EXPORTS] == ["exports.run_next"]


def test_what_people_wait_for_is_short() -> None:
    waited_for = {"events.dispatch", "work.expire_leases", "review.accept_due"}
    assert {name for name in OURS if queue_of(name) is SHORT} >= waited_for


def test_beat_schedules_the_tasks_that_exist() -> None:
    assert {entry["task"] for entry in app.conf.beat_schedule.values()} == set(OURS)


def test_only_tasks_that_exist_are_enqueued() -> None:
    enqueued = {
        name
        for path in CHECKOUT.glob("[abpr]*/**/*.py")
        for name in ENQUEUED.findall(path.read_text())
    }
    assert enqueued == {
        "deposits.look",
        "deposits.open",
        "deposits.refund",
        "events.dispatch",
        "events.sweep_debts",
        "exports.run_next",
        "funding.replace",
        "funding.resume",
        "stripe.process",
        "recipients.work",
        "payouts.make",
        "payouts.send",
    }
    assert enqueued <= set(OURS)


def test_a_task_is_enqueued_in_its_own_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[tuple[str, str]] = []
    monkeypatch.setattr(app, "send_task", lambda name, *, queue, **_: sent.append((name, queue)))
    monkeypatch.setattr(broker._Patience, "until", 0.0)
    for name in OURS:
        assert broker.enqueue(name, expires=1)
    assert sent == [(name, queue_of(name).name) for name in OURS]
    with pytest.raises(KeyError):
        broker.enqueue("nobody.knows", expires=1)


def test_each_queue_has_workers_of_its_own(tmp_path: Path) -> None:
    names = {queue.name for queue in QUEUES}
    workers = [one.command for one in site_recipes(tmp_path, 1) if one.name.startswith("worker")]
    assert {command[command.index("--queues") + 1] for command in workers} == names
    services = yaml.safe_load((CHECKOUT / "docker/compose.yaml").read_text())["services"]
    commands = [service.get("command", [""]) for service in services.values()]
    assert {command[1] for command in commands if command[0] == "worker"} == names


def test_a_tasks_statements_end_before_it_does(own_database: str) -> None:
    def shown() -> Any:
        with planes.as_system(), connection.cursor() as cursor:
            cursor.execute("SHOW statement_timeout")
            return cursor.fetchone()[0]

    before, found = shown(), []

    @Queue("short", soft=60, hard=90, statement=7).task("test.shown")
    def look() -> None:
        found.append(shown())

    look()
    assert (found, shown()) == (["7s"], before)
    connection.close()


@pytest.mark.slow
def test_one_that_fails_stops_no_other(db: None) -> None:
    def half(number: int) -> float:
        return 1 / number

    assert [queues.tried(half, number) for number in (2, 0, 1)] == [0.5, None, 1.0]


def test_a_turn_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    assert list(queues.in_a_turn([1, 2, 3])) == [1, 2, 3]
    monkeypatch.setattr(queues, "TURN", -1.0)
    assert list(queues.in_a_turn([1, 2, 3])) == [1]
