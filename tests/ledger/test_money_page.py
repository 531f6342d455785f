"""The money page shows the free balance after each entry, on every page of the list."""

import re

import pytest

from billing.ledger import selectors
from tests.factories import MONEY, Tenant, make_batch, make_deposit, make_project
from tests.pages.conftest import browser_of


def lines(page: str) -> list[tuple[str, str]]:
    """Return change and free balance of each row."""
    cells = re.findall(r'data-label="(Change|Free balance)"[^>]*>([^<]*)<', page)
    texts = [text.strip() for _, text in cells]
    return list(zip(texts[::2], texts[1::2], strict=True))


@pytest.fixture
def path(workspace_a: Tenant) -> str:
    make_deposit(workspace_a.workspace, 500)
    make_batch(make_project(workspace_a, overlap=1), 2)
    make_deposit(workspace_a.workspace, 70)
    return f"/w/{workspace_a.workspace.slug}/money/"


def test_each_entry_has_the_balance_after_it(workspace_a: Tenant, path: str) -> None:
    page = browser_of(workspace_a.owner).get(path).text
    assert MONEY == 10_000_000
    assert lines(page) == [
        ("$0.70", "$100,005.10"),
        ("−$0.60", "$100,004.40"),
        ("$5.00", "$100,005.00"),
        ("$100,000.00", "$100,000.00"),
    ]


def test_also_on_later_pages(
    workspace_a: Tenant, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selectors, "PAGE", 2)
    client = browser_of(workspace_a.owner)
    first = client.get(path).text
    assert [after for _, after in lines(first)] == ["$100,005.10", "$100,004.40"]
    cursor = re.search(r'href="[^"]*\?[^"]*cursor=([^"&#]+)', first)
    assert cursor
    second = client.get(path, {"cursor": cursor[1]}).text
    assert [after for _, after in lines(second)] == ["$100,005.00", "$100,000.00"]


def test_entries_that_nobody_knows_are_missing(workspace_a: Tenant, path: str) -> None:
    assert browser_of(workspace_a.owner).get(path, {"show": "some"}).status_code == 404


def test_all_movements_show_no_balance(workspace_a: Tenant, path: str) -> None:
    page = browser_of(workspace_a.owner).get(path, {"show": "all"}).text
    assert 'data-label="Free balance"' not in page
