"""Runs embedded servers for the duration of one command."""

import contextlib
import os
from collections.abc import Iterator

from rlhfhub.devtools import environment
from rlhfhub.devtools.servers import postgres, valkey


@contextlib.contextmanager
def server_session() -> Iterator[None]:
    """Start the embedded servers that do not run yet, put them into the environment, and stop them at the end.

    Servers that already run as daemons are used and left running. Raises ServerError.
    """
    with contextlib.ExitStack() as stack:
        if environment.uses_embedded_database():
            if postgres.server_pid(postgres.find()) is None:
                stack.callback(postgres.stop)
            postgres.start()
        if environment.uses_embedded_broker():
            if not valkey.answers(valkey.find()):
                stack.callback(valkey.stop)
            valkey.start()
        os.environ |= environment.server_addresses()
        yield
