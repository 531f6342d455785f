"""The caps that keep one upload from harming the others."""

from __future__ import annotations

from dataclasses import dataclass

KIB = 1024
MIB = 1024 * KIB
GIB = 1024 * MIB


@dataclass(frozen=True, slots=True)
class SpoolLimits:
    """How much may come in. The ratio counts only beyond `ratio_grace` unpacked bytes,
    for small repetitive files compress well in all innocence, and items with one long prompt
    a hundredfold; what gzip makes of nothing but blanks is a thousandfold."""

    received: int = 1 * GIB
    unpacked: int = 4 * GIB
    ratio: int = 500
    ratio_grace: int = 16 * MIB
    members: int = 50_000


@dataclass(frozen=True, slots=True)
class ItemLimits:
    """What one item may hold, and how many a file may."""

    rows: int = 2_000_000
    item_bytes: int = 1 * MIB
    depth: int = 32
    keys: int = 1000
    messages: int = 1000
    extra_bytes: int = 64 * KIB
    external_id_characters: int = 200
    model_characters: int = 200
