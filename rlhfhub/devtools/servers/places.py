"""Where the servers keep their files, and as which user they run.

PostgreSQL refuses to run as root, so for root it runs as `postgres` or `nobody`. No permissions of the checkout are
changed for that: if this user cannot enter it, the data is below /var/lib/rlhfhub instead.
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
# AF_UNIX paths have at most 107 bytes; PostgreSQL appends "/.s.PGSQL.5432" and a lock suffix.
LONGEST_SOCKET_DIRECTORY = 80


class ServerError(RuntimeError):
    """Raised when a server cannot be started or reached; the message says what to do."""


def is_root() -> bool:
    """Return whether this process runs as root."""
    return os.geteuid() == 0


def state_directory() -> Path:
    """Return the directory of all files made at run time (RLHFHUB_STATE, else var/)."""
    state = Path(os.environ.get("RLHFHUB_STATE") or CHECKOUT / "var")
    if not state.is_absolute():
        state = CHECKOUT / state
    state.mkdir(parents=True, exist_ok=True)
    return state


def server_user() -> pwd.struct_passwd | None:
    """Return the user that PostgreSQL runs as, or None if this process is not root."""
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
    """Return the arguments that make a child process run as this user; None is the current user."""
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}


def is_walkable(path: Path) -> bool:
    """Return whether any user may enter this path."""
    return all(step.stat().st_mode & stat.S_IXOTH for step in (path, *path.parents))


def short_hash(path: Path) -> str:
    """Return a short name for a path, to keep the files of several checkouts apart."""
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]


def database_home() -> Path:
    """Return the directory for PostgreSQL's data: the state directory if its user may enter it."""
    state = state_directory()
    if not is_root() or is_walkable(state):
        return state
    home = SYSTEM_STATE / short_hash(state.resolve())
    home.mkdir(parents=True, exist_ok=True)
    SYSTEM_STATE.chmod(0o755)
    home.chmod(0o755)
    return home


def socket_directory(wanted: Path, user: pwd.struct_passwd | None) -> Path:
    """Return the wanted directory, or one in the temp directory if its path is too long for a socket."""
    if len(os.fsencode(wanted)) > LONGEST_SOCKET_DIRECTORY:
        wanted = Path(tempfile.gettempdir()) / f"rlhfhub-{os.getuid()}-{short_hash(wanted)}"
    make_private(wanted, user)
    return wanted


def make_private(directory: Path, user: pwd.struct_passwd | None) -> None:
    """Make a directory that only the server's user and root may enter.

    Raises: ServerError if it exists and belongs to somebody else.
    """
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    owner = user.pw_uid if user else os.geteuid()
    found = directory.lstat()
    if is_root():
        # Root takes over only its own directories and those of the server's user, not another person's.
        if found.st_uid not in (0, owner):
            raise belongs_to_another(directory, found.st_uid)
        os.chown(directory, owner, user.pw_gid if user else -1)
    elif found.st_uid != owner:
        raise belongs_to_another(directory, found.st_uid)
    directory.chmod(0o700)


def belongs_to_another(directory: Path, uid: int) -> ServerError:
    """Return the error for a directory that was made by another user."""
    return ServerError(
        f"{directory} belongs to user id {uid}: it was made by another user. Run as that user, "
        "remove the directory (this deletes its data), or set RLHFHUB_STATE to a directory of your own"
    )


@contextlib.contextmanager
def locked(name: str) -> Iterator[None]:
    """Hold a lock of this state directory, so that concurrent starts make only one server."""
    with (state_directory() / f"{name}.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
