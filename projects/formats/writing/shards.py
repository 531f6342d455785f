"""Write the Parquet files of one split, block by block, with an explicit schema.

The same lines make the same bytes (with the same version of pyarrow): the lines alone say where a block ends, and each
block becomes one row group.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pyarrow as pa
import pyarrow.json as pj
import pyarrow.parquet as pq

from projects.formats.limits import MIB

from .protocol import Column
from .types import MESSAGES, arrow

_BLOCK = 4 * MIB
_SHARD = 1024 * MIB


@dataclass(slots=True)
class Shard:
    """A finished data file."""

    path: Path
    rows: int


class ShardWriter:
    """Write JSON lines to `<split>-00000-of-0000N.parquet` in `folder`.

    A thread parses and compresses one block while the caller reads the next: pyarrow does not hold the interpreter's
    lock meanwhile. The same thread passes each block of lines to `also`.
    """

    def __init__(
        self,
        folder: Path,
        split: str,
        columns: Sequence[Column],
        *,
        also: Callable[[bytes], None] = lambda block: None,
        shard_bytes: int = _SHARD,
    ) -> None:
        self.folder = folder
        self.split = split
        # Explicit, because an inferred schema would have no type for a column without values.
        self.schema = pa.schema([(column.name, arrow(column.type)) for column in columns])
        # Only the roles of messages get a dictionary: texts hardly repeat.
        self._repeating = [
            f"{column.name}.list.element.role" for column in columns if column.type == MESSAGES
        ]
        self.also = also
        self.shard_bytes = shard_bytes
        self.memory_bytes = 0
        self._shards: list[Shard] = []
        self._writer: pq.ParquetWriter | None = None
        self._in_shard = 0
        self._lines: list[bytes] = []
        self._size = 0
        self._pool = ThreadPoolExecutor(1)
        self._pending: Future[None] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._pool.shutdown(cancel_futures=True)
        if self._writer is not None:
            self._writer.close()

    def add(self, lines: bytes) -> None:
        """Append rows, given as JSON lines."""
        self._lines.append(lines)
        self._size += len(lines)
        if self._size >= _BLOCK:
            self._hand_over()

    def finish(self) -> list[Shard]:
        """Write the rest and give the files their final names. Without rows there is no file."""
        if self._lines:
            self._hand_over()
        self._wait()
        self._close_shard()
        for number, shard in enumerate(self._shards):
            name = f"{self.split}-{number:05}-of-{len(self._shards):05}.parquet"
            shard.path = shard.path.rename(self.folder / name)
        return self._shards

    def _hand_over(self) -> None:
        block, self._lines, self._size = b"".join(self._lines), [], 0
        self._wait()
        self._pending = self._pool.submit(self._write, block)

    def _wait(self) -> None:
        if self._pending is not None:
            self._pending.result()
            self._pending = None

    def _write(self, block: bytes) -> None:
        self.also(block)
        table = pj.read_json(
            pa.BufferReader(block),
            read_options=pj.ReadOptions(use_threads=False, block_size=len(block) + 1),
            parse_options=pj.ParseOptions(
                explicit_schema=self.schema, unexpected_field_behavior="error"
            ),
        )
        if self._writer is None or self._in_shard >= self.shard_bytes:
            self._open_shard()
        assert self._writer is not None
        self._writer.write_table(table, row_group_size=max(table.num_rows, 1))
        self._in_shard += len(block)
        self.memory_bytes += table.nbytes
        self._shards[-1].rows += table.num_rows

    def _open_shard(self) -> None:
        self._close_shard()
        path = self.folder / f"{self.split}.{len(self._shards)}.part"
        self._writer = pq.ParquetWriter(
            path,
            self.schema,
            compression="zstd",
            compression_level=1,
            use_dictionary=self._repeating or False,
            write_statistics=False,
        )
        self._shards.append(Shard(path, 0))
        self._in_shard = 0

    def _close_shard(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None


def read_rows(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the rows of a data file, of which it holds one batch at a time in memory."""
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(batch_size=1000):
            yield from batch.to_pylist()


def shard_rows(path: Path) -> int:
    """The number of rows that a data file's metadata states."""
    with pq.ParquetFile(path) as file:
        return int(file.metadata.num_rows)
