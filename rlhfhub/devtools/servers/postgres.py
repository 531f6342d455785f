"""The embedded PostgreSQL: creates its cluster, starts and stops it, and returns its URLs."""

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from rlhfhub.devtools.servers import leftovers, places
from rlhfhub.devtools.servers.binaries import postgres_programs
from rlhfhub.devtools.servers.places import ServerError
from rlhfhub.devtools.waiting import wait_until

SUPERUSER = "postgres"
SETTINGS_FILE = "rlhfhub.conf"
START_SECONDS = 90
# Settings for a laptop with 2 to 4 cores. They do not reduce durability.
SETTINGS = {
    "listen_addresses": "''",
    "max_connections": "120",
    "max_locks_per_transaction": "128",
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "8MB",
    "maintenance_work_mem": "128MB",
    "random_page_cost": "1.1",
    "max_wal_size": "4GB",
    "min_wal_size": "256MB",
    "checkpoint_timeout": "15min",
    "synchronous_commit": "on",
    "fsync": "on",
    # Off, because compiling costs more than it saves for many short statements.
    "jit": "off",
    "logging_collector": "off",
    "log_line_prefix": "'%m [%p] %u@%d '",
    "timezone": "'UTC'",
    "log_timezone": "'UTC'",
    "wal_level": "replica",
}


@dataclass(frozen=True)
class Cluster:
    """One PostgreSQL cluster: its programs, its files and the user it runs as."""

    programs: Path
    major: int
    data: Path
    sockets: Path
    log: Path
    user: pwd.struct_passwd | None

    def url(self, login: str, database: str) -> str:
        """Return the connection URL of a login, through the private socket."""
        return f"postgresql://{quote(login)}@/{quote(database)}?host={quote(str(self.sockets), safe='/')}"

    def foreground(self) -> list[str]:
        """Return the command that runs this cluster as a child process."""
        return [str(self.programs / "postgres"), "-D", str(self.data)]


def find() -> Cluster:
    """Return the cluster of the current state directory, whether it exists yet or not."""
    user = places.server_user()
    programs = postgres_programs()
    version = run_program(user, programs / "postgres", "-V").split()[2]
    major = int(version.split(".")[0])
    home = places.database_home() / f"pg{major}"
    places.make_private(home, user)
    sockets = places.socket_directory(home / "run", user)
    return Cluster(programs, major, home / "data", sockets, home / "log", user)


def run_program(user: pwd.struct_passwd | None, *command: str | Path) -> str:
    """Run one of PostgreSQL's programs as the server's user, and return its output.

    Raises: ServerError with the output when it fails.
    """
    # Write the output to a file: pg_ctl's daemon inherits it, so a pipe would never be closed.
    with tempfile.TemporaryFile() as output:
        done = subprocess.run(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd="/",
            env=clean_environment(),
            check=False,
            **places.identity(user),
        )
        output.seek(0)
        text = output.read().decode(errors="replace")
    if done.returncode:
        raise ServerError(f"{Path(command[0]).name} failed:\n{text.strip()}")
    return text


def clean_environment() -> dict[str, str]:
    """Return the environment without PG* variables and locale, which could change what the server does."""
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


def create(cluster: Cluster) -> None:
    """Make the cluster if there is none, and write its settings file again."""
    if not (cluster.data / "PG_VERSION").exists():
        shutil.rmtree(cluster.data, ignore_errors=True)
        builtin = (
            ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"] if cluster.major >= 17 else []
        )
        try:
            # Trust is safe: the server has no network address, and only this user can enter the socket's directory.
            run_program(
                cluster.user, cluster.programs / "initdb", "-D", cluster.data, "-U", SUPERUSER,
                "-E", "UTF8", "--no-locale", "--auth=trust", *builtin,
            )  # fmt: skip
        except ServerError:
            shutil.rmtree(cluster.data, ignore_errors=True)
            raise
        with (cluster.data / "postgresql.conf").open("a") as conf:
            conf.write(f"\ninclude_if_exists = '{SETTINGS_FILE}'\n")
    sockets = str(cluster.sockets).replace("'", "''")
    settings = SETTINGS | {"unix_socket_directories": f"'\"{sockets}\"'"} | machine_settings()
    lines = "".join(f"{name} = {value}\n" for name, value in settings.items())
    (cluster.data / SETTINGS_FILE).write_text(lines)
    (cluster.data / SETTINGS_FILE).chmod(0o644)
    leftovers.clear(cluster.data, cluster.sockets)


def machine_settings() -> dict[str, str]:
    """Return settings that depend on the machine, and those of the caller (RLHFHUB_PG_SETTINGS="fsync=off …")."""
    settings = {}
    with contextlib.suppress(OSError):
        shm = os.statvfs("/dev/shm")  # noqa: S108
        if shm.f_blocks * shm.f_frsize < 256 * 1024 * 1024:
            # Containers have a /dev/shm of 64 MB, which is too little for parallel queries.
            settings["dynamic_shared_memory_type"] = "mmap"
    for pair in os.environ.get("RLHFHUB_PG_SETTINGS", "").split():
        name, _, value = pair.partition("=")
        settings[name] = "'" + value.replace("'", "''") + "'"
    return settings


def server_pid(cluster: Cluster) -> int | None:
    """Return the process id of the running server, or None."""
    return leftovers.living_server(cluster.data)


def start() -> Cluster:
    """Start the server as a daemon, unless it is running already."""
    with places.locked("postgres"):
        cluster = find()
        if server_pid(cluster) is None:
            create(cluster)
            try:
                run_program(
                    cluster.user, cluster.programs / "pg_ctl", "-D", cluster.data, "-l", cluster.log,
                    "-w", "-t", str(START_SECONDS), "start",
                )  # fmt: skip
            except ServerError as error:
                raise ServerError(f"{error}\n{last_lines(cluster.log)}") from None
        wait_until_ready(cluster)
    return cluster


def wait_until_ready(cluster: Cluster, alive: Callable[[], bool] | None = None) -> None:
    """Wait until the server accepts connections (after a crash it recovers first)."""
    try:
        wait_until(lambda: is_ready(cluster), START_SECONDS, "PostgreSQL's start", 0.05, alive)
    except TimeoutError as error:
        raise ServerError(f"{error}:\n{last_lines(cluster.log)}") from None


def is_ready(cluster: Cluster) -> bool:
    """Return whether the server has finished starting, which the last line of its lock file says."""
    try:
        lines = (cluster.data / "postmaster.pid").read_text().splitlines()
    except OSError:
        return False
    return len(lines) >= 8 and lines[7].strip() == "ready" and server_pid(cluster) is not None


def stop() -> bool:
    """Stop the server. Returns False when none was running."""
    with places.locked("postgres"):
        cluster = find()
        if server_pid(cluster) is None:
            return False
        run_program(
            cluster.user,
            cluster.programs / "pg_ctl",
            "-D",
            cluster.data,
            "-w",
            "-m",
            "fast",
            "stop",
        )
        return True


def last_lines(log: Path, count: int = 15) -> str:
    """Return the end of a log, for an error message."""
    with contextlib.suppress(OSError):
        return "\n".join(log.read_text(errors="replace").splitlines()[-count:])
    return ""
