"""tests/routes.py has a row for every URL and method, with all that the tests which read it need."""

from collections import Counter

import pytest

from tests.api.addresses import addresses
from tests.routes import ADMIN_BY_ENDING, ADMIN_BY_NAME, ADMIN_UNNAMED, PAGES, REST, ROWS
from tests.row import Row
from tests.urls import urls

HERE = "write it in tests/routes.py"


def test_every_url_has_a_row() -> None:
    stated = {row.name for row in ROWS}
    ours = {(route, name) for route, name in urls() if not route.startswith("admin/")}
    lacking = [f"/{route} ({name})" for route, name in sorted(ours, key=str) if name not in stated]
    assert lacking == [], f"no row for {lacking}: {HERE}"
    gone = stated - {name for _, name in ours}
    assert not gone, f"rows for URLs that are gone: {gone}: take them out of tests/routes.py"


def test_every_url_of_staff_has_a_row() -> None:
    unnamed: Counter[str] = Counter()
    for route, name in urls():
        if not route.startswith("admin/"):
            continue
        if name is None:
            unnamed["catch-all" if "url" in route else "<id>/"] += 1
        elif name not in ADMIN_BY_NAME:
            known = any(name.endswith(ending) for ending in ADMIN_BY_ENDING)
            assert known, f"no row for /{route} ({name}): {HERE}"
    assert len(unnamed) == ADMIN_UNNAMED


def test_every_method_of_rest_has_a_row() -> None:
    stated = {(row.name, row.method) for row in ROWS}
    known = [one for one in addresses() if one.method not in ("HEAD", "OPTIONS")]
    lacking = [str(one) for one in known if (one.name, one.method) not in stated]
    assert lacking == [], f"no row for {lacking}: {HERE}"


def test_no_row_is_written_twice() -> None:
    assert [str(row) for row, times in Counter(map(str, ROWS)).items() if times > 1] == []


def _is_get(row: Row) -> bool:
    return row.method == "GET"


@pytest.mark.parametrize("row", [*filter(_is_get, ROWS)], ids=str)
def test_a_get_says_whether_it_is_a_list(row: Row) -> None:
    """The row of a list states how many statements it sends; any other row states what bounds its answer."""
    said = row.statements is not None if row.is_list else not row.lists
    assert said, f"{row}: say the `statements` of a list, or `single`: {HERE}"


@pytest.mark.parametrize("row", [*filter(_is_get, PAGES)], ids=str)
def test_a_page_has_screenshots(row: Row) -> None:
    """Each page has a look, or its row states in `unseen` why it has none."""
    assert bool(row.looks) != bool(row.unseen), f"{row}: say its `looks`, or `unseen`: {HERE}"


def test_only_a_get_has_lists_and_screenshots() -> None:
    """REST has no screenshots at all."""
    sent = [row for row in ROWS if row.method != "GET"]
    assert [str(row) for row in sent if row.lists or row.single or row.looks or row.unseen] == []
    assert [str(row) for row in REST if row.looks or row.unseen] == []


def test_every_screenshot_has_a_name_of_its_own() -> None:
    names = Counter(look.name for row in ROWS for look in row.looks)
    assert [name for name, times in names.items() if times > 1] == []
