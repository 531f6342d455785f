"""The echo site. Each module has its own, because tests measure its memory."""

from collections.abc import Iterator

import pytest

from tests.server.running import Echo, echo

MIB = 1 << 20


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Echo]:
    """The echo site with small limits: one second of grace, bodies up to 120 MiB, in memory up to 1 MiB."""
    folder = tmp_path_factory.mktemp("echo")
    limits = {"ECHO_GRACE": "1", "ECHO_LARGEST": str(120 * MIB), "ECHO_ORDINARY_BYTES": str(MIB)}
    with echo(folder, **limits) as running:
        yield running
