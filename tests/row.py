"""The columns of tests/routes.py: what a row states about one URL and method."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.identities import (
    ANNOTATOR,
    ANONYMOUS,
    BROWSERS,
    EVERYBODY,
    KEY,
    KEYS,
    OWNER,
    TOKEN,
    VIEWER,
)
from tests.security.world import Side

Body = Callable[[Side], Any]

BY_HANDLER: dict[str, Any] = {"role_first": False}
TURNED = {"cursor": "listing"}
DRAFT_BATCH: dict[str, Any] = {"ids": {"batch": "draft_batch", "batch_id": "draft_batch"}}
FUNDED_BATCH: dict[str, Any] = {"ids": {"batch": "funded_batch", "batch_id": "funded_batch"}}


@dataclass(frozen=True)
class Look:
    """A screenshot of a page as `who` sees it, light and dark, wide and narrow.

    `ids` renames a URL's id to one of Furnished.ids(), or is the text itself where that has no such name.
    """

    name: str
    who: str = OWNER
    ids: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Row:
    """One URL and method. `own` maps identities to their status; `ids` renames a URL's id to one of Side.ids().

    A GET also states its size. If it shows a list, `statements` is the most SQL statements it may send, however long
    the list, and `lists` maps each cursor parameter to the list in the context that it pages through. Otherwise
    `single` says what bounds the answer. A page has `looks`, or `unseen` says why no screenshot is taken.
    """

    name: str
    method: str
    own: Mapping[str, int]
    body: Body | None = None
    ids: Mapping[str, str] = field(default_factory=dict)
    htmx: bool = False
    # The role is checked before the id is looked up, so the answer is 403 whatever the id.
    role_first: bool = True
    scope: str = "read"
    statements: int | None = None
    lists: Mapping[str, str] = field(default_factory=dict)
    single: str = ""
    looks: tuple[Look, ...] = ()
    unseen: str = ""

    def __str__(self) -> str:
        return f"{self.method} {self.name}"

    @property
    def is_list(self) -> bool:
        """Whether the URL shows a list, one page at a time."""
        return self.method == "GET" and not self.single

    @property
    def most(self) -> int:
        """The most statements it may send."""
        assert self.statements is not None, f"{self}: write `statements` in tests/routes.py"
        return self.statements


def look(name: str, who: str = OWNER, **ids: str) -> Look:
    """A screenshot of the page; `ids` replace ids in its URL."""
    return Look(name, who, ids)


def page(name: str, method: str, owner: int, viewer: int, **more: Any) -> Row:
    """A page under /w/<slug>/."""
    return Row(name, method, {OWNER: owner, VIEWER: viewer}, **more)


def rest(name: str, method: str, status: int, scope: str = "read", **more: Any) -> Row:
    """A workspace's REST URL."""
    return Row(name, method, {KEY: status}, scope=scope, **more)


def desk(name: str, method: str, status: int, **more: Any) -> Row:
    """A page of an annotator's desk."""
    return Row(name, method, {ANNOTATOR: status}, **more)


def desk_rest(name: str, method: str, status: int, **more: Any) -> Row:
    """A REST URL of the desk."""
    return Row(name, method, {TOKEN: status}, **more)


def signed_in(name: str, method: str, status: int, **more: Any) -> Row:
    """A page that everybody who has signed in gets."""
    return Row(name, method, dict.fromkeys(BROWSERS, status), **more)


def for_all(name: str, method: str = "GET", **more: Any) -> Row:
    """A URL that answers everybody."""
    return Row(name, method, dict.fromkeys(EVERYBODY, 200), **more)


def account(name: str, nobody: int, somebody: int, **more: Any) -> Row:
    """One of allauth's own pages."""
    own = dict.fromkeys((ANONYMOUS, *KEYS), nobody) | dict.fromkeys(BROWSERS, somebody)
    return Row(name, "GET", own, **{"single": "a form or a notice", **more})
