"""A toy source: a first line ``#tabs``, then an item a line, its prompt and responses parted by tabs."""

import json
from collections.abc import Iterator
from typing import BinaryIO

from projects.formats.limits import ItemLimits
from projects.formats.reading.source import RawRow, Start

ENDS_ITSELF = False
IS_ONE_TEXT = False


def recognizes(file: BinaryIO, start: Start, limits: ItemLimits) -> bool:
    return start.head.startswith(b"#tabs\n")


def rows(file: BinaryIO, start: Start, limits: ItemLimits) -> Iterator[RawRow]:
    file.readline()
    for number, line in enumerate(file, 2):
        prompt, *texts = line.decode().rstrip("\n").split("\t")
        item = {"prompt": prompt, "responses": [{"text": text} for text in texts]}
        yield number, json.dumps(item).encode()
