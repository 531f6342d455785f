"""The embedded servers: a whole life of each, and the places they live in."""

import os
import pwd
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from rlhfhub.devtools import environment, roles
from rlhfhub.devtools.servers import ServerError, places, postgres, valkey
from rlhfhub.devtools.servers.__main__ import main as servers_command
from rlhfhub.ground.dsn import database


@pytest.fixture
def state(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A state directory whose servers are stopped at the end; pytest's own paths are closed to PostgreSQL's user."""
    servers = ("DATABASE_URL", "DATABASE_OWNER_URL", "RLHFHUB_ADMIN_URL", "CELERY_BROKER_URL")
    for name in (*servers, "CACHE_URL"):
        monkeypatch.delenv(name, raising=False)
    with tempfile.TemporaryDirectory(prefix="rlhfhub-") as directory:
        Path(directory).chmod(0o755)
        monkeypatch.setenv("RLHFHUB_STATE", directory)
        yield Path(directory)
        valkey.stop()
        postgres.stop()


@pytest.mark.slow
def test_postgres_keeps_what_was_committed_through_kill_9(state: Path) -> None:
    cluster = postgres.start()
    address = cluster.url("postgres", "postgres")
    with psycopg.connect(address) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS number")
        shown = connection.execute(
            "SELECT current_setting('synchronous_commit'), current_setting('jit')"
        )
        assert shown.fetchone() == ("on", "off")
    assert postgres.start() == cluster, "a second start finds the first server"
    pid = postgres.server_pid(cluster)
    assert pid
    os.kill(pid, signal.SIGKILL)
    postgres.start()
    assert postgres.server_pid(cluster) != pid
    with psycopg.connect(address) as connection:
        assert connection.execute("SELECT number FROM kept").fetchone() == (42,)
    assert postgres.stop()
    assert not postgres.stop()


@pytest.mark.slow
def test_settings_of_the_caller_reach_the_server(
    state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RLHFHUB_PG_SETTINGS", "fsync=off max_connections=33")
    cluster = postgres.start()
    with psycopg.connect(cluster.url("postgres", "postgres")) as connection:
        shown = connection.execute(
            "SELECT current_setting('fsync'), current_setting('max_connections')"
        )
        assert shown.fetchone() == ("off", "33")


def test_the_broker_keeps_its_queue_through_a_restart(state: Path) -> None:
    import redis

    broker = valkey.start()
    assert valkey.start() == broker
    client = redis.Redis(unix_socket_path=str(broker.socket))
    client.rpush("queue", "message")
    client.close()
    assert valkey.stop()
    assert not valkey.answers(broker)
    valkey.start()
    client = redis.Redis(unix_socket_path=str(broker.socket))
    assert client.lrange("queue", 0, -1) == [b"message"]
    client.close()


def test_nobody_else_may_enter(state: Path) -> None:
    broker, cluster = valkey.find(), postgres.find()
    for directory in (broker.directory, broker.socket.parent, cluster.sockets, cluster.data.parent):
        assert directory.stat().st_mode & 0o077 == 0, directory


def test_the_addresses_are_read_as_meant(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cluster = postgres.find()
    read = database(cluster.url("rlhfhub_app", "rlhfhub"))
    assert (read["USER"], read["NAME"], read["HOST"]) == (
        "rlhfhub_app",
        "rlhfhub",
        str(cluster.sockets),
    )
    variables = environment.server_addresses()
    assert variables.pop("CACHE_URL").endswith("valkey.sock?db=1")
    assert set(variables) == {
        "CELERY_BROKER_URL", "DATABASE_OWNER_URL", "DATABASE_URL", "RLHFHUB_ADMIN_URL", "RLHFHUB_STATE",
    }  # fmt: skip
    assert environment.as_shell_lines({"A": "b c'd"}) == "A='b c'\"'\"'d'\n"


def test_named_servers_are_used_as_they_are(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://site@db.example/hub")
    monkeypatch.setenv("CELERY_BROKER_URL", "amqp://broker.example//")
    monkeypatch.setattr("sys.argv", ["servers", "start"])
    assert servers_command() == 0
    assert set(environment.server_addresses()) == {"RLHFHUB_STATE"}
    assert not (state / "valkey").exists()


@pytest.mark.slow
def test_manage_py_finds_the_servers_that_run(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a newcomer calls it, who named no server; the owner's commands too. Servers that are named stay."""
    for name in ("DJANGO_SETTINGS_MODULE", "RLHFHUB_LOGIN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("sys.argv", ["servers", "start"])
    assert servers_command() == 0
    roles.make()
    asks = "from django.db import connection as c; k = c.cursor(); k.execute('SELECT current_user, 7'); "
    shell = ["shell", "--no-imports", "--command", asks + "print(*k.fetchone())"]
    assert _manage(*shell).stdout.split() == ["rlhfhub_app", "7"]
    assert "[ ] 0001_initial" in _manage("showmigrations", "sessions").stdout
    monkeypatch.setenv("DATABASE_URL", "postgresql://site@/hub?host=/no/such/folder")
    assert "/no/such/folder" in _manage(*shell, status=1).stderr


def _manage(*command: str, status: int = 0) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=places.CHECKOUT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == status, done.stderr
    return done


def test_a_long_path_moves_the_socket(tmp_path: Path) -> None:
    wanted = tmp_path / ("deep" * 30) / "run"
    moved = places.socket_directory(wanted, None)
    try:
        assert len(str(moved)) < places.LONGEST_SOCKET_DIRECTORY
        assert moved == places.socket_directory(wanted, None)
    finally:
        moved.rmdir()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make another user's directory")
def test_root_takes_over_no_other_users_directory(tmp_path: Path) -> None:
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    os.chown(theirs, 12345, 12345)
    with pytest.raises(ServerError, match="belongs to user id 12345"):
        places.make_private(theirs, pwd.getpwnam("nobody"))
    assert theirs.stat().st_uid == 12345


@pytest.mark.skipif(os.geteuid() != 0, reason="an ordinary user runs the server as himself")
def test_root_keeps_the_database_out_of_a_closed_checkout(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    monkeypatch.setenv("RLHFHUB_STATE", str(closed / "var"))
    monkeypatch.setattr(places, "SYSTEM_STATE", tmp_path / "system")
    assert places.database_home().parent == tmp_path / "system"
    assert closed.stat().st_mode & 0o077 == 0, "and opens nothing"


def test_a_uid_without_a_name_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places.os, "geteuid", lambda: 54321)  # type: ignore[attr-defined]
    with pytest.raises(ServerError, match="54321 has no line"):
        places.server_user()
