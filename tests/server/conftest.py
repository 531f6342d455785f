"""The echo site, one for each file."""

from collections.abc import Iterator

import pytest

from tests.server.running import Echo, echo

MIB = 1 << 20


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Echo]:
    """With a grace of one second, and little room."""
    folder = tmp_path_factory.mktemp("echo")
    limits = {"ECHO_GRACE": "1", "ECHO_LARGEST": str(120 * MIB), "ECHO_ORDINARY_BYTES": str(MIB)}
    with echo(folder, **limits) as running:
        yield running
