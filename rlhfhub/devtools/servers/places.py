"""Where the servers keep their files, and whom they run as.

PostgreSQL refuses to run as root. As root we drop to `postgres` or `nobody`, and never open the directories of the
person who called us: when that user cannot walk into the checkout, the data lives below /var/lib/rlhfhub instead.
"""

import contextlib
import fcntl
import hashlib
import os
import pwd
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parents[3]
SYSTEM_STATE = Path("/var/lib/rlhfhub")
# AF_UNIX paths end at 107 bytes; PostgreSQL appends "/.s.PGSQL.5432" and a lock suffix.
LONGEST_SOCKET_DIRECTORY = 80


class ServerError(RuntimeError):
    """A server cannot be started or reached; the message says what to do."""


def is_root() -> bool:
    """Whether this process runs as root."""
    return os.geteuid() == 0


def state_directory() -> Path:
    """The directory of everything that is made while running (RLHFHUB_STATE, else var/)."""
    state = Path(os.environ.get("RLHFHUB_STATE") or CHECKOUT / "var")
    if not state.is_absolute():
        state = CHECKOUT / state
    state.mkdir(parents=True, exist_ok=True)
    return state


def server_user() -> pwd.struct_passwd | None:
    """The user PostgreSQL is dropped to, or None when we are an ordinary user already."""
    if not is_root():
        try:
            pwd.getpwuid(os.geteuid())
        except KeyError:
            raise ServerError(
                f"the user id {os.geteuid()} has no line in /etc/passwd, and PostgreSQL asks for one: "
                "run as a user with a name, or as root"
            ) from None
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise ServerError(
        "running as root, and neither user postgres nor nobody exists: add one, or run as another user"
    )


def identity(user: pwd.struct_passwd | None) -> dict[str, Any]:
    """The arguments that make a child process run as this user; None for the present one."""
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}


def is_walkable(path: Path) -> bool:
    """Whether any user may walk down to this path."""
    return all(step.stat().st_mode & stat.S_IXOTH for step in (path, *path.parents))


def short_hash(path: Path) -> str:
    """A short name for a path, to keep the files of several checkouts apart."""
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]


def database_home() -> Path:
    """The directory that holds PostgreSQL's data: the state directory where its user may walk into it."""
    state = state_directory()
    if not is_root() or is_walkable(state):
        return state
    home = SYSTEM_STATE / short_hash(state.resolve())
    home.mkdir(parents=True, exist_ok=True)
    SYSTEM_STATE.chmod(0o755)
    home.chmod(0o755)
    return home


def socket_directory(wanted: Path, user: pwd.struct_passwd | None) -> Path:
    """The wanted directory, or one in the temp directory where the path would be too long for a socket."""
    if len(os.fsencode(wanted)) > LONGEST_SOCKET_DIRECTORY:
        wanted = Path(tempfile.gettempdir()) / f"rlhfhub-{os.getuid()}-{short_hash(wanted)}"
    make_private(wanted, user)
    return wanted


def make_private(directory: Path, user: pwd.struct_passwd | None) -> None:
    """Make a directory only its server's user (and root) may enter, and refuse one that belongs to somebody else."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    owner = user.pw_uid if user else os.geteuid()
    found = directory.lstat()
    if is_root():
        # A directory of another ordinary user is no place for root to take over: only root's own or the server's.
        if found.st_uid not in (0, owner):
            raise belongs_to_another(directory, found.st_uid)
        os.chown(directory, owner, user.pw_gid if user else -1)
    elif found.st_uid != owner:
        raise belongs_to_another(directory, found.st_uid)
    directory.chmod(0o700)


def belongs_to_another(directory: Path, uid: int) -> ServerError:
    """The refusal for state that was made by a different user."""
    return ServerError(
        f"{directory} belongs to user id {uid}: it was made by another user. Run as that user, "
        "remove the directory (this deletes its data), or set RLHFHUB_STATE to a directory of your own"
    )


@contextlib.contextmanager
def locked(name: str) -> Iterator[None]:
    """Hold a lock of this state directory, so that several starts at once make one server."""
    with (state_directory() / f"{name}.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
