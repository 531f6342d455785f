"""`python -m rlhfhub.devtools.roles`: makes the roles and the database on a development server."""

import os
import subprocess
import sys

import psycopg

from rlhfhub.devtools import environment
from rlhfhub.devtools.servers import ServerError, places
from rlhfhub.tenancy import logins


def make() -> None:
    """Make the logins of the site and its tests, if the superuser's address is known."""
    variables = os.environ | environment.server_addresses()
    admin = variables.get("RLHFHUB_ADMIN_URL")
    if not admin:
        return
    command = [sys.executable, "manage.py", "create_roles", "--admin-url", admin]
    done = subprocess.run(
        command, cwd=places.CHECKOUT, env=variables, stdout=subprocess.DEVNULL, check=False
    )
    if done.returncode:
        raise ServerError("the roles could not be made; see the lines above")
    # The owner drops test databases, and must be able to end the site's login's connections to them.
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f"GRANT pg_signal_backend TO {environment.OWNER}")
    # Close large objects in the template: tests make their databases from it and have no superuser.
    with psycopg.connect(admin, dbname="template1", autocommit=True) as connection:
        logins.close_large_objects(connection)


def main() -> int:
    """Make the roles. Prints an error and returns 1 if that fails."""
    try:
        make()
    except ServerError as error:
        print(f"roles: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
