"""The environment the site's processes run in: addresses of the servers, state directory, port.

What the caller has set is never replaced: with DATABASE_URL and CELERY_BROKER_URL given, nothing embedded is used.
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


def uses_embedded_database() -> bool:
    """Whether no installed PostgreSQL was named."""
    return not os.environ.get("DATABASE_URL")


def uses_embedded_broker() -> bool:
    """Whether no installed broker was named."""
    return not os.environ.get("CELERY_BROKER_URL")


def server_addresses() -> dict[str, str]:
    """The variables that say where the servers are, for those that are embedded."""
    # Imported here: a machine that uses installed servers needs neither wheel.
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
    """Put the addresses of the embedded servers into this process's environment, when they run and none are named.

    Raises: ServerError where no server program is installed, or its directory is another user's.
    """
    from rlhfhub.devtools.servers import postgres

    if "DATABASE_OWNER_URL" in os.environ or not uses_embedded_database():
        return
    if postgres.server_pid(postgres.find()) is not None:
        os.environ.update(server_addresses())


def site_environment() -> dict[str, str]:
    """The whole environment for a child process of the site."""
    environment = os.environ | server_addresses()
    environment.setdefault("DJANGO_SETTINGS_MODULE", "rlhfhub.settings.development")
    environment["PORT"] = str(port())
    environment["PYTHONUNBUFFERED"] = "1"
    return environment


def port() -> int:
    """The port the site listens on (PORT, else 8000)."""
    wanted = os.environ.get("PORT") or str(DEFAULT_PORT)
    if not wanted.isdigit() or not 0 < int(wanted) < 65536:
        raise places.ServerError(
            f"PORT={wanted} is not a port number: give one between 1 and 65535"
        )
    return int(wanted)


def check_port(port: int) -> None:
    """Refuse a port that something else listens on."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            other = port + 1 if 1024 <= port < 65535 else DEFAULT_PORT + 1
            raise places.ServerError(
                f"port {port} cannot be used ({error.strerror}): "
                f"choose another one, for example `make demo PORT={other}`"
            ) from None


def checkout() -> Path:
    """The directory of manage.py."""
    return places.CHECKOUT


def as_shell_lines(variables: dict[str, str]) -> str:
    """Lines for a shell to evaluate or an env file to keep."""
    return "".join(f"{name}={shlex.quote(value)}\n" for name, value in sorted(variables.items()))
