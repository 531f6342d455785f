"""Boards: what rooms show on the pages of others."""

from dataclasses import dataclass

import pytest

from rlhfhub.web.panels import Board


@dataclass(frozen=True)
class Length:
    """A panel about a text."""

    characters: int


def length(text: str) -> Length | None:
    return Length(len(text)) if text else None


def test_a_page_gets_panels_by_name() -> None:
    board: Board[str] = Board()
    board.register("length", length)
    assert board.panels("four") == {"length": Length(4)}


def test_a_panel_that_is_not_there_is_left_out() -> None:
    board: Board[str] = Board()
    assert board.panels("four") == {}
    board.register("length", length)
    assert board.panels("") == {}


def test_registering_twice_is_registering_once() -> None:
    """The same panel may be registered again, as when apps are reloaded; another panel may not take its name."""
    board: Board[str] = Board()
    board.register("length", length)
    board.register("length", length)
    with pytest.raises(ValueError, match="length"):
        board.register("length", lambda text: Length(0))


def test_a_panel_is_a_dataclass() -> None:
    board: Board[str] = Board()
    board.register("length", lambda text: {"characters": len(text)})  # type: ignore[arg-type, return-value]
    with pytest.raises(TypeError, match="length"):
        board.panels("four")
