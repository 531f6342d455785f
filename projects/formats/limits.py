"""The limits that keep one upload from harming other people's."""

from __future__ import annotations

from dataclasses import dataclass

KIB = 1024
MIB = 1024 * KIB
GIB = 1024 * MIB


@dataclass(frozen=True, slots=True)
class SpoolLimits:
    """How large an upload may be, in bytes.

    `ratio` is how many times its size a gzip file may unpack to. It applies only beyond `ratio_grace` unpacked bytes,
    because small repetitive files compress well, and items that share a long prompt a hundredfold. Nothing but blanks
    compresses a thousandfold.
    """

    received: int = 1 * GIB
    unpacked: int = 4 * GIB
    ratio: int = 500
    ratio_grace: int = 16 * MIB
    members: int = 50_000


@dataclass(frozen=True, slots=True)
class ItemLimits:
    """How many rows a file may have, and how large each part of an item may be."""

    rows: int = 2_000_000
    item_bytes: int = 1 * MIB
    depth: int = 32
    keys: int = 1000
    messages: int = 1000
    extra_bytes: int = 64 * KIB
    external_id_characters: int = 200
    model_characters: int = 200
