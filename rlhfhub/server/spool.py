"""Stores bodies on disk within a budget. The files have no names, so a process that dies leaves none behind."""

import asyncio
import tempfile
from collections import Counter
from concurrent.futures import Executor
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from rlhfhub.server.limits import BLOCK_BYTES
from rlhfhub.server.refusals import busy, no_room, too_large


class Budget:
    """The bytes that all bodies of one kind may use together (`most`), and those of one sender (`share`).

    Used on the event loop only.
    """

    def __init__(self, most: int, share: int) -> None:
        self._left, self._share = most, share
        self._taken: Counter[str] = Counter()

    def take(self, count: int, sender: str) -> None:
        """Take `count` bytes. Raises Refusal (503) when fewer are left, in total or for this sender."""
        if count > self._left or self._taken[sender] + count > self._share:
            raise busy()
        self._left -= count
        self._taken[sender] += count

    def give_back(self, count: int, sender: str) -> None:
        """Give `count` bytes back."""
        self._left += count
        self._taken[sender] -= count
        if not self._taken[sender]:
            del self._taken[sender]


class Spool:
    """One body of `sender`, at most `most` bytes long. The bytes received so far are taken from the budget."""

    def __init__(
        self, folder: Path, budget: Budget, writer: Executor, *, most: int, sender: str
    ) -> None:
        self._folder, self._budget, self._writer, self._most = folder, budget, writer, most
        self._sender, self._held, self.size = sender, 0, 0
        self._blocks: list[bytes] = []
        self._unwritten = 0
        self._file: Any = None

    def __enter__(self) -> Self:
        return self

    async def add(self, block: bytes) -> None:
        """Add a block. Raises Refusal when the body is too large, or when the budget or the disk is used up."""
        self.size += len(block)
        if self.size > self._most:
            raise too_large(self._most)
        self._budget.take(len(block), self._sender)
        self._held = self.size
        self._blocks.append(block)
        self._unwritten += len(block)
        if self._unwritten >= BLOCK_BYTES:
            await self._flush()

    async def file(self) -> Any:
        """Return the whole body as a file, at its beginning."""
        await self._flush()
        self._file.seek(0)
        return self._file

    async def _flush(self) -> None:
        blocks, self._blocks, self._unwritten = self._blocks, [], 0
        loop = asyncio.get_running_loop()
        try:
            await loop.run_in_executor(self._writer, self._write, blocks)
        except OSError as error:
            raise no_room() from error

    def _write(self, blocks: list[bytes]) -> None:
        if self._file is None:
            self._file = tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115  closed by __exit__
        self._file.writelines(blocks)
        self._file.flush()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._budget.give_back(self._held, self._sender)
        if self._file is not None:
            # Close it in another thread: freeing a large file's blocks takes a while.
            self._writer.submit(self._file.close)
