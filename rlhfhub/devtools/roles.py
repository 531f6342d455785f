"""`python -m rlhfhub.devtools.roles`: the roles and the database on a development server."""

import os
import subprocess
import sys

import psycopg

from rlhfhub.devtools import environment
from rlhfhub.devtools.servers import ServerError, places
from rlhfhub.tenancy import logins


def make() -> None:
    """Make what the site and its tests log in as, where we have the superuser's address."""
    variables = os.environ | environment.server_addresses()
    admin = variables.get("RLHFHUB_ADMIN_URL")
    if not admin:
        return
    command = [sys.executable, "manage.py", "create_roles", "--admin-url", admin]
    done = subprocess.run(
        command, cwd=places.CHECKOUT, env=variables, stdout=subprocess.DEVNULL, check=False
    )
    if done.returncode:
        raise ServerError("the roles could not be made; the lines above say why")
    # Dropping a test's database must also end what the site's login left connected to it.
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f"GRANT pg_signal_backend TO {environment.OWNER}")
    # Tests make their databases from this one, and have no superuser to close them.
    with psycopg.connect(admin, dbname="template1", autocommit=True) as connection:
        logins.close_large_objects(connection)


def main() -> int:
    """Make them, and say when that failed."""
    try:
        make()
    except ServerError as error:
        print(f"roles: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
