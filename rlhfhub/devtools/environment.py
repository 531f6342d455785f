"""The environment of the site's processes: addresses of the servers, state directory, port.

Variables that the caller has set are never replaced. With DATABASE_URL and CELERY_BROKER_URL set, no embedded server is
used.
"""

import os
import shlex
import socket
from pathlib import Path

from rlhfhub.devtools.servers import places

OWNER = "rlhfhub_owner"
SITE = "rlhfhub_app"
DATABASE = "rlhfhub"
DEFAULT_PORT = 8000
PLATFORM = "platform"
"""The slug of the platform's workspace, in which appeals are decided."""


def uses_embedded_database() -> bool:
    """Return whether the embedded PostgreSQL is used, because the environment names no installed one."""
    return not os.environ.get("DATABASE_URL")


def uses_embedded_broker() -> bool:
    """Return whether the embedded broker is used, because the environment names no installed one."""
    return not os.environ.get("CELERY_BROKER_URL")


def server_addresses() -> dict[str, str]:
    """Return the variables with the addresses of the embedded servers."""
    # Imported late, because a machine with installed servers does not need the wheels.
    from rlhfhub.devtools.servers import postgres, valkey

    addresses = {"RLHFHUB_STATE": str(places.state_directory())}
    if uses_embedded_database():
        cluster = postgres.find()
        addresses["DATABASE_URL"] = cluster.url(SITE, DATABASE)
        addresses["DATABASE_OWNER_URL"] = cluster.url(OWNER, DATABASE)
        addresses["RLHFHUB_ADMIN_URL"] = cluster.url(postgres.SUPERUSER, "postgres")
    if uses_embedded_broker():
        addresses["CELERY_BROKER_URL"] = valkey.find().url
        if not os.environ.get("CACHE_URL"):
            addresses["CACHE_URL"] = valkey.find().cache_url
    return addresses


def use_running_servers() -> None:
    """Put the addresses of running embedded servers into this process's environment, unless it names others.

    Raises: ServerError when no server program is installed, or its directory belongs to another user.
    """
    from rlhfhub.devtools.servers import postgres

    if "DATABASE_OWNER_URL" in os.environ or not uses_embedded_database():
        return
    if postgres.server_pid(postgres.find()) is not None:
        os.environ.update(server_addresses())


def site_environment() -> dict[str, str]:
    """Return the complete environment for a child process of the site."""
    environment = os.environ | server_addresses()
    environment.setdefault("DJANGO_SETTINGS_MODULE", "rlhfhub.settings.development")
    environment.setdefault("RLHFHUB_PLATFORM_WORKSPACE", PLATFORM)
    environment["PORT"] = str(port())
    environment["PYTHONUNBUFFERED"] = "1"
    return environment


def port() -> int:
    """Return the port that the site listens on (PORT, else 8000). Raises ServerError for an invalid PORT."""
    wanted = os.environ.get("PORT") or str(DEFAULT_PORT)
    if not wanted.isdigit() or not 0 < int(wanted) < 65536:
        raise places.ServerError(
            f"PORT={wanted} is not a port number: give one between 1 and 65535"
        )
    return int(wanted)


def check_port(port: int, site: int | None = None) -> None:
    """Raise ServerError if the port cannot be used, for example because another program listens on it.

    `site` is the site's port, if this one follows from it.
    """
    site = site or port
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            other = site + 1 if 1024 <= site < 65535 else DEFAULT_PORT + 1
            raise places.ServerError(
                f"port {port} cannot be used ({error.strerror}): "
                f"choose another one, for example `make demo PORT={other}`"
            ) from None


def checkout() -> Path:
    """Return the directory of manage.py."""
    return places.CHECKOUT


def as_shell_lines(variables: dict[str, str]) -> str:
    """Return the variables as lines for a shell or an env file."""
    return "".join(f"{name}={shlex.quote(value)}\n" for name, value in sorted(variables.items()))
