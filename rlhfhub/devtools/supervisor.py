"""`python -m rlhfhub.devtools.supervisor`: runs the whole site under one process manager, in the foreground.

It starts the embedded servers (unless the environment names installed ones), migrates the database, and keeps web,
workers and scheduler running. They stop in reverse order on Ctrl-C, on SIGTERM, and when one keeps dying.
CONTRIBUTING.md says why no ready-made process manager is used.
"""

import fcntl
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import FrameType
from typing import IO

from rlhfhub.devtools import environment, health, static_files, stripe_emulator
from rlhfhub.devtools.processes import Child, Recipe, catches, die_with_parent, say
from rlhfhub.devtools.recipes import broker_recipe, database_recipe, site_recipes
from rlhfhub.devtools.servers import ServerError, places, postgres, valkey

RESTARTS = 3
RESTART_WINDOW = 120
READY_SECONDS = 120
SERVERS = {"postgres", "broker"}


class Stopped(Exception):
    """Raised when the supervisor was asked to stop."""


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
        self._environment: Mapping[str, str] = os.environ

    # ---- claim and signals ----

    def claim(self) -> None:
        """Become the only supervisor of this state directory, on a free port. Raises ServerError."""
        self._lock = (self.state / "supervisor.lock").open("a+")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._lock.seek(0)
            holder = self._lock.read().strip() or "another process"
            raise ServerError(
                f"the site runs already ({holder}): stop it with `make stop`"
            ) from None
        self._lock.truncate(0)
        self._lock.write(f"process {os.getpid()}, {self.url}")
        self._lock.flush()
        environment.check_port(self.port)
        if stripe_emulator.is_used():
            environment.check_port(stripe_emulator.port_beside(self.port), site=self.port)

    def listen_for_signals(self) -> None:
        """Stop in order on Ctrl-C, `kill` and a closed terminal, and at once on a second signal."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._on_signal)
        # nohup ignores SIGHUP on purpose: do not handle it then.
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
            signal.signal(signal.SIGHUP, self._on_signal)
        if "MAKELEVEL" in os.environ:
            die_with_parent(signal.SIGTERM)
            self._make = os.getppid() if catches(os.getppid(), signal.SIGINT) else None

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self._asked += 1

    def check_asked(self) -> None:
        """Raise Stopped after a signal.

        Ctrl-C reaches this process and make. `kill -INT` of make reaches only make, which then waits for this process
        without passing the signal on, and stops catching it; that is how this function notices it.
        """
        if self._asked or (self._make and not catches(self._make, signal.SIGINT)):
            raise Stopped

    # ---- starting ----

    def start(self) -> None:
        """Start everything, and wait until the site responds."""
        self.start_servers()
        self.prepare()
        for recipe in site_recipes(self.state, self.port):
            self._spawn(recipe)
        self.wait_until_answering()

    def start_servers(self) -> None:
        """Start the embedded servers and the emulator of Stripe. Daemons that already run are used and left running."""
        log = self.state / "log"
        if environment.uses_embedded_database():
            with places.locked("postgres"):
                if postgres.server_pid(cluster := postgres.find()) is None:
                    self._spawn(database_recipe(cluster, log))
        if environment.uses_embedded_broker():
            with places.locked("valkey"):
                if not valkey.answers(broker := valkey.find()):
                    self._spawn(broker_recipe(broker, log))
        self._environment = environment.site_environment()
        if stripe_emulator.is_used():
            settings = stripe_emulator.variables(self.port)
            self._environment = {**self._environment, **settings}
            self._spawn(stripe_emulator.recipe(self.state, self.port, settings))

    def prepare(self) -> None:
        """Make the roles, database, tables and static files that are missing or out of date."""
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
        child = self.run_manage(*arguments, log=self.state / "log" / "prepare.log")
        if status := child.process.returncode:
            end = child.log.last_lines() if child.log else ""
            raise ServerError(f"manage.py {arguments[0]} failed with status {status}:\n{end}")

    def run_manage(self, *arguments: str, log: Path | None = None) -> Child:
        """Run one of manage.py's commands while watching the children. Returns the ended process."""
        command = [sys.executable, "manage.py", *arguments]
        child = Child(Recipe(arguments[0], command, log, patience=5), self._environment)
        try:
            while child.is_alive():
                self.watch()
                time.sleep(0.05)
        finally:
            child.stop()
        return child

    def wait_until_answering(self) -> None:
        """Wait until the site is ready. Raises ServerError."""
        say("site …")
        deadline = time.monotonic() + READY_SECONDS
        while not health.is_ready(self.url):
            self.watch()
            if time.monotonic() > deadline:
                raise ServerError(f"the site does not answer; see the logs in {self.state / 'log'}")
            time.sleep(0.1)

    def _spawn(self, recipe: Recipe, number: int | None = None) -> None:
        """Start a child and wait until it serves. `number` is the index of the dead child that it replaces."""
        self.check_asked()
        child = Child(recipe, self._environment)
        if number is None:
            self.children.append(child)
        else:
            self.children[number] = child

        def alive() -> bool:
            self.check_asked()
            return child.is_alive()

        if recipe.ready:
            recipe.ready(alive)

    # ---- watching ----

    def watch(self) -> None:
        """Check every child once: show errors, restart dead children, and stop on signals.

        Raises: ServerError when a child keeps dying, Stopped after a signal.
        """
        self.check_asked()
        for number, child in enumerate(self.children):
            if child.log:
                child.log.show_errors()
            if not child.is_alive():
                self._restart(number, child)

    def _restart(self, number: int, child: Child) -> None:
        name, now = child.recipe.name, time.monotonic()
        deaths = [at for at in self._deaths.get(name, []) if now - at < RESTART_WINDOW]
        self._deaths[name] = [*deaths, now]
        if len(deaths) >= RESTARTS:
            end = child.log.last_lines() if child.log else ""
            raise ServerError(f"{name} keeps dying; the end of {child.recipe.log}:\n{end}")
        pause = 0.5 * 2 ** len(deaths)
        status = child.process.returncode
        say(f"{name} ended with status {status}; it is restarted in {pause:g} s")
        child.stop(0)
        until = time.monotonic() + pause
        while time.monotonic() < until:
            self.check_asked()
            time.sleep(0.05)
        self._spawn(child.recipe, number)

    def wait(self) -> None:
        """Watch until asked to stop."""
        while True:
            self.watch()
            time.sleep(0.2)

    # ---- stopping ----

    def stop(self) -> None:
        """Stop the children in reverse order; the site's processes, which depend only on servers, together."""
        if not self.children:
            return
        say("stopping …")
        began, before = time.monotonic(), self._asked
        for child in reversed(self.children):
            if child.recipe.name not in SERVERS:
                child.ask_to_stop()
        for child in reversed(self.children):
            hurry = self._asked > max(before, 1) and child.recipe.name not in SERVERS
            child.stop(0 if hurry else None)
        self.children.clear()
        say(f"stopped ({time.monotonic() - began:.1f} s)")


def foreground(body: Callable[[Supervisor], None]) -> int:
    """Run a body until asked to stop, and always stop its children. Returns the exit status."""
    try:
        supervisor = Supervisor()
        supervisor.claim()
        supervisor.listen_for_signals()
        try:
            body(supervisor)
        finally:
            supervisor.stop()
    except Stopped:
        return 0
    except ServerError as error:
        print(f"\n{error}", file=sys.stderr, flush=True)
        return 1
    return 0


def run(supervisor: Supervisor) -> None:
    """Start the site and watch it."""
    supervisor.start()
    say(f"ready: {supervisor.url}")
    supervisor.wait()


if __name__ == "__main__":
    sys.exit(foreground(run))
