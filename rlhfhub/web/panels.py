"""Typed panels, by which rooms show something on the pages of other rooms. Registered when the apps are ready.

A page of `projects` cannot import `billing` to read a balance, so `billing` registers a panel with the page's board.
The page passes all panels to its template as `panels`; one that is not registered is not shown.
"""

from collections.abc import Callable
from dataclasses import is_dataclass
from typing import Any, ClassVar, Generic, Protocol, TypeVar


class Panel(Protocol):
    """A dataclass with what one room shows on a page."""

    __dataclass_fields__: ClassVar[dict[str, Any]]


_About = TypeVar("_About")
_Read = Callable[[_About], Panel | None]


class Board(Generic[_About]):
    """The panels of one page, which is about an object of type `_About`."""

    def __init__(self) -> None:
        self._reads: dict[str, _Read[_About]] = {}

    def register(self, name: str, read: _Read[_About]) -> None:
        """Show what `read` returns as `panels.<name>`. It is called in the page's view and plane.

        Raises:
            ValueError: Another panel of the page has this name.
        """
        if self._reads.setdefault(name, read) is not read:
            raise ValueError(f"two panels are called {name}")

    def panel(self, name: str, about: _About) -> Panel | None:
        """Return one panel of the page about `about`; None if it is not registered or has nothing to show."""
        read = self._reads.get(name)
        return read(about) if read else None

    def panels(self, about: _About) -> dict[str, Panel]:
        """Return the panels of the page about `about` by name, without those that have nothing to show.

        Raises:
            TypeError: A panel is not a dataclass.
        """
        found = {}
        for name, read in self._reads.items():
            panel = read(about)
            if panel is None:
                continue
            if not is_dataclass(panel):
                raise TypeError(f"the panel {name} is not a dataclass")
            found[name] = panel
        return found
