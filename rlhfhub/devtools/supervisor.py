"""`python -m rlhfhub.devtools.supervisor`: the whole site under one process manager, in the foreground.

Starts the embedded servers (unless installed ones are named), brings the database up to date, and keeps web, worker
and scheduler running. They stop in reverse order on Ctrl-C, on SIGTERM, and when one keeps dying.
"""

import contextlib
import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import IO

from rlhfhub.devtools import environment, health, static_files
from rlhfhub.devtools.processes import Child, Recipe, catches, die_with_parent, say
from rlhfhub.devtools.recipes import broker_recipe, database_recipe, site_recipes
from rlhfhub.devtools.servers import ServerError, places, postgres, valkey

RESTARTS = 3
RESTART_WINDOW = 120
READY_SECONDS = 120


class Stopped(Exception):
    """Somebody asked the supervisor to stop."""


class Supervisor:
    """Starts, watches and stops the processes of one state directory."""

    def __init__(self) -> None:
        self.state = places.state_directory()
        self.port = environment.port()
        self.url = f"http://127.0.0.1:{self.port}/"
        self.children: list[Child] = []
        self._asked = 0
        self._make: int | None = None
        self._deaths: dict[str, list[float]] = {}
        self._lock: IO[str] | None = None
        self._environment: dict[str, str] = {}

    # ---- life ----

    def claim(self) -> None:
        """Be the only supervisor of this state directory, on a port that is free."""
        handle = (self.state / "supervisor.lock").open("a+")
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            handle.seek(0)
            holder = handle.read().strip() or "another process"
            raise ServerError(
                f"the site runs already ({holder}): stop it with `make stop`"
            ) from None
        handle.truncate(0)
        handle.write(f"process {os.getpid()}, {self.url}")
        handle.flush()
        self._lock = handle
        environment.check_port(self.port)

    def listen_for_signals(self) -> None:
        """Ctrl-C, `kill` and a closed terminal all mean: stop in order. A second one means: at once."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._on_signal)
        # nohup ignores SIGHUP on purpose; leave it so.
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
            signal.signal(signal.SIGHUP, self._on_signal)
        if "MAKELEVEL" in os.environ:
            die_with_parent(signal.SIGTERM)
            self._make = os.getppid() if catches(os.getppid(), signal.SIGINT) else None

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self._asked += 1

    def check_asked(self) -> None:
        """Raise Stopped when a signal has come.

        Ctrl-C reaches us and make; `kill -INT` of make reaches make alone, who tells nobody, waits for us, and from
        then on no longer catches the signal: that is how it is seen.
        """
        if self._asked or (self._make and not catches(self._make, signal.SIGINT)):
            raise Stopped

    # ---- the way up ----

    def start(self) -> None:
        """Everything from nothing to pages that answer."""
        self.start_servers()
        self.prepare()
        for recipe in site_recipes(self.state, self.port):
            self._spawn(recipe)
        self.wait_until_answering()

    def start_servers(self) -> None:
        """The embedded servers as children; those that run as daemons already are used and left running."""
        if environment.uses_embedded_database():
            with places.locked("postgres"):
                cluster = postgres.find()
                if postgres.server_pid(cluster) is None:
                    postgres.create(cluster)
                    self._spawn(database_recipe(cluster, self.state / "log"))
        if environment.uses_embedded_broker():
            with places.locked("valkey"):
                broker = valkey.find()
                if not valkey.answers(broker):
                    self._spawn(broker_recipe(broker, self.state / "log"))
        self._environment = environment.site_environment()

    def prepare(self) -> None:
        """Roles, database, tables and static files, as far as they are not there yet."""
        if admin := self._environment.get("RLHFHUB_ADMIN_URL"):
            self._manage("roles", "create_roles", "--admin-url", admin)
        self._manage("database", "migrate", "--verbosity", "0")
        fingerprint = static_files.fingerprint()
        stamp = self.state / "static.stamp"
        if not stamp.exists() or stamp.read_text() != fingerprint:
            self._manage(
                "static files", "collectstatic", "--noinput", "--clear", "--verbosity", "0"
            )
            stamp.write_text(fingerprint)

    def _manage(self, what: str, *arguments: str) -> None:
        say(f"{what} …")
        log = self.state / "log" / "prepare.log"
        log.parent.mkdir(exist_ok=True)
        with log.open("a") as output:
            start = output.tell()
            if code := self.run_manage(*arguments, output=output):
                said = log.read_bytes()[start:].decode(errors="replace").strip()
                end = "\n".join(said.splitlines()[-15:])
                raise ServerError(f"manage.py {arguments[0]} failed with status {code}:\n{end}")

    def run_manage(self, *arguments: str, output: IO[str] | None = None) -> int:
        """Run one of manage.py's commands while the children are watched; its status."""
        parent = os.getpid()
        process = subprocess.Popen(
            [sys.executable, "manage.py", *arguments],
            cwd=environment.checkout(),
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            preexec_fn=lambda: die_with_parent(signal.SIGTERM, parent),
        )
        try:
            while process.poll() is None:
                self.watch()
                time.sleep(0.05)
        finally:
            if process.poll() is None:
                process.terminate()
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(5)
                process.kill()
                process.wait()
        return process.returncode

    def wait_until_answering(self) -> None:
        """Wait until the site says that it is ready."""
        say("site …")
        deadline = time.monotonic() + READY_SECONDS
        while not health.is_ready(self.url):
            self.watch()
            if time.monotonic() > deadline:
                raise ServerError(f"the site does not answer; see the logs in {self.state / 'log'}")
            time.sleep(0.1)

    def _spawn(self, recipe: Recipe) -> None:
        self.check_asked()
        self.children.append(self._launch(recipe))
        self._await_readiness(self.children[-1])

    def _launch(self, recipe: Recipe) -> Child:
        if recipe.clean:
            return Child(recipe, postgres.clean_environment(), Path("/"))
        return Child(recipe, self._environment or os.environ, environment.checkout())

    def _await_readiness(self, child: Child) -> None:
        def alive() -> bool:
            self.check_asked()
            return child.is_alive()

        if child.recipe.ready:
            child.recipe.ready(alive)

    # ---- watching ----

    def watch(self) -> None:
        """Look once at every child; restart what died, give up on what keeps dying, obey signals."""
        self.check_asked()
        for number, child in enumerate(self.children):
            if not child.is_alive():
                self._restart(number, child)

    def _restart(self, number: int, child: Child) -> None:
        name, now = child.recipe.name, time.monotonic()
        deaths = [at for at in self._deaths.get(name, []) if now - at < RESTART_WINDOW]
        self._deaths[name] = [*deaths, now]
        if len(deaths) >= RESTARTS:
            raise ServerError(
                f"{name} keeps dying; the end of {child.recipe.log}:\n{child.last_lines()}"
            )
        pause = 0.5 * 2 ** len(deaths)
        say(
            f"{name} ended with status {child.process.returncode}; it is started again in {pause:g} s"
        )
        child.stop(0)
        until = time.monotonic() + pause
        while time.monotonic() < until:
            self.check_asked()
            time.sleep(0.05)
        if name == "postgres":
            postgres.create(postgres.find())
        self.children[number] = self._launch(child.recipe)
        self._await_readiness(self.children[number])

    def wait(self) -> None:
        """Watch until somebody asks to stop."""
        while True:
            self.watch()
            time.sleep(0.2)

    # ---- the way down ----

    def stop(self) -> None:
        """Stop the children, the last started first; the site's processes, which know only servers, together."""
        before = self._asked
        servers = {"postgres", "broker"}
        site = [child for child in reversed(self.children) if child.recipe.name not in servers]
        for child in site:
            child.ask_to_stop()
        for child in [*site, *(c for c in reversed(self.children) if c.recipe.name in servers)]:
            hurry = self._asked > max(before, 1) and child.recipe.name not in servers
            child.stop(0 if hurry else None)
        self.children.clear()


@contextlib.contextmanager
def running() -> Iterator[Supervisor]:
    """A claimed supervisor whose children are stopped at the end, whatever happens."""
    supervisor = Supervisor()
    supervisor.claim()
    supervisor.listen_for_signals()
    try:
        yield supervisor
    finally:
        began = time.monotonic()
        if supervisor.children:
            say("stopping …")
            supervisor.stop()
            say(f"stopped ({time.monotonic() - began:.1f} s)")


def foreground(body: Callable[[Supervisor], None]) -> int:
    """Run a supervised body until it is asked to stop; the exit status."""
    try:
        with running() as supervisor:
            body(supervisor)
    except Stopped:
        return 0
    except ServerError as error:
        print(f"\n{error}", file=sys.stderr, flush=True)
        return 1
    return 0


def main() -> int:
    """`make run`."""

    def body(supervisor: Supervisor) -> None:
        supervisor.start()
        say(f"ready: {supervisor.url}")
        supervisor.wait()

    return foreground(body)


if __name__ == "__main__":
    sys.exit(main())
