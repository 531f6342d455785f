"""The process manager: restarts, giving up, the port, one at a time; and what the demo says."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from billing.stripe.calls import balance
from billing.stripe.checks import stripe_is_set_up_whole
from billing.stripe.events import ENDPOINTS
from rlhfhub.devtools import demo, environment, stripe_emulator, supervisor
from rlhfhub.devtools.processes import Recipe
from rlhfhub.devtools.servers import ServerError
from rlhfhub.devtools.supervisor import Stopped, Supervisor


@pytest.fixture
def manager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Supervisor:
    """A supervisor with nothing to do, on a free port."""
    monkeypatch.setenv("RLHFHUB_STATE", str(tmp_path))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        monkeypatch.setenv("PORT", str(free.getsockname()[1]))
    return Supervisor()


def spawn(manager: Supervisor, script: str) -> None:
    manager._spawn(Recipe("pet", [sys.executable, "-c", script], manager.state / "pet.log"))


def test_what_died_is_started_again(
    manager: Supervisor, capsys: pytest.CaptureFixture[str]
) -> None:
    spawn(manager, "import time; time.sleep(60)")
    first = manager.children[0].process
    first.kill()
    first.wait()
    manager.watch()
    try:
        assert manager.children[0].process.pid != first.pid
        assert manager.children[0].is_alive()
        assert "pet ended with status -9" in capsys.readouterr().out
    finally:
        manager.stop()
    assert not manager.children


def test_what_keeps_dying_is_given_up_with_its_last_words(
    manager: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "RESTARTS", 1)
    spawn(manager, "print('my last words'); raise SystemExit(3)")
    deadline = time.monotonic() + 20
    with pytest.raises(ServerError, match=r"pet keeps dying.*\n(.*\n)*my last words"):
        while time.monotonic() < deadline:
            manager.watch()
            time.sleep(0.05)
    manager.stop()


def test_a_signal_stops_the_watching(manager: Supervisor) -> None:
    manager._on_signal(15, None)
    with pytest.raises(Stopped):
        manager.wait()


def test_an_interrupt_that_only_make_got_stops_it(tmp_path: Path) -> None:
    """`kill -INT` of make reaches no child, and make waits for its child's end."""
    (tmp_path / "Makefile").write_text('up:\n\t@exec $(PY) -c "$$SCRIPT"\n')
    script = (
        "from rlhfhub.devtools import supervisor as s\n"
        "def body(one): print('up', flush=True); one.wait()\n"
        "print('status', s.foreground(body))"
    )
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    # Of the make that may have started the tests this one should know nothing.
    outside = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    paths = {"PYTHONPATH": str(environment.checkout()), "RLHFHUB_STATE": str(tmp_path)}
    make = subprocess.Popen(
        ["make", f"PY={sys.executable}"],
        cwd=tmp_path,
        env=outside | paths | {"PORT": port, "SCRIPT": script},
        stdout=subprocess.PIPE,
        text=True,
        # A shell's background job ignores SIGINT, and its children would inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert make.stdout
    try:
        assert make.stdout.readline() == "up\n"
        make.send_signal(signal.SIGINT)
        assert make.communicate(timeout=20)[0] == "status 0\n"
    finally:
        make.kill()
        make.wait()


def test_one_supervisor_for_a_state_directory(
    manager: Supervisor, capsys: pytest.CaptureFixture[str]
) -> None:
    manager.claim()
    with pytest.raises(ServerError, match=f"runs already .process {os.getpid()}"):
        Supervisor().claim()


def test_a_busy_port_is_named_and_another_proposed(manager: Supervisor) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", manager.port))
        other.listen()
        with pytest.raises(ServerError, match=f"port {manager.port} .*PORT={manager.port + 1}"):
            manager.claim()


def test_the_port_of_the_emulator_follows_from_the_site_s(
    manager: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = stripe_emulator.port_beside(manager.port)
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        with pytest.raises(ServerError, match=f"port {port} .*PORT={manager.port + 1}"):
            manager.claim()
    assert stripe_emulator.port_beside(60_000) == 50_000
    monkeypatch.setenv("STRIPE_SECRET_KEY", "")
    assert not stripe_emulator.is_used()


def test_the_emulator_runs_beside_the_site(manager: Supervisor, settings: Any) -> None:
    """Its settings are whole, and it answers the site's key where the settings say."""
    given = stripe_emulator.variables(manager.port)
    settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE = (
        given["STRIPE_SECRET_KEY"],
        given["STRIPE_API_BASE"],
    )
    settings.STRIPE_WEBHOOK_SECRETS = {
        name: [given[f"STRIPE_WEBHOOK_SECRETS_{name.upper()}"]] for name in ENDPOINTS
    }
    assert stripe_is_set_up_whole() == []
    assert stripe_emulator.is_new(manager.state)
    try:
        manager._spawn(stripe_emulator.recipe(manager.state, manager.port, given))
        assert balance.retrieve().available == {"USD": 0}
        assert not stripe_emulator.is_new(manager.state)
        stripe_emulator.fund(manager.port, *demo.AT_STRIPE)
        assert balance.retrieve().available == {"USD": 200_000}
    finally:
        manager.stop()


@pytest.mark.parametrize("wanted", ["http", "0", "65536", "-1"])
def test_a_port_that_is_none_is_refused(wanted: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", wanted)
    with pytest.raises(ServerError, match=r"is not a port number"):
        environment.port()


def test_starting_over_touches_no_named_database(
    manager: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://site@db.example/hub")
    with pytest.raises(ServerError, match="only with the embedded servers"):
        demo.reset()


def test_the_introduction_names_pages_and_logins(manager: Supervisor) -> None:
    text = "\n".join(
        demo.introduction(
            "http://127.0.0.1:8000/",
            {
                "workspace_slug": "lab",
                "project": "p1",
                "owner": {"email": "o@demo.example", "password": "secret-o"},
                "annotators": [
                    {"email": f"a{n}@demo.example", "password": f"secret-{n}"} for n in range(8)
                ],
            },
        )
    )
    assert "http://127.0.0.1:8000/w/lab/projects/p1/" in text
    assert "o@demo.example" in text
    assert "secret-2" in text
    assert "secret-3" not in text


def test_devtools_know_their_checkout() -> None:
    assert (environment.checkout() / "manage.py").exists()
