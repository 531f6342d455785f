"""An owner and three annotators work in a browser, from import to a dataset that loads."""

import gzip
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from rlhfhub.tenancy.models import User
from tests.browser.desk_page import Desk
from tests.browser.watch import Watch
from tests.factories import Tenant, make_items, make_workspace
from tests.journey import checks
from tests.journey.verdicts import PAIRS, VERDICTS
from tests.people import PASSWORD, make_user

pytestmark = [pytest.mark.browser, pytest.mark.slow]
ITEMS = len(VERDICTS)
PROJECT = "Which reply is kinder"
LIVE_MS = 30_000


def test_from_import_to_a_loaded_dataset(
    browse: Callable[..., Page], watch: Watch, tmp_path: Path
) -> None:
    watch.allow(r"status of 422 .*/import/")  # the wrong file
    tenant = make_workspace("Careful Lab")
    owner = browse()
    sign_in(owner, tenant.owner)
    make_project(owner, tenant)
    publish_guidelines(owner)
    make_batch(owner)
    import_file(owner, tmp_path)
    fund_and_open(owner)
    checks.assert_books_balance()

    overview(owner)
    before = figure(owner)
    people = [make_user(name) for name in ("Ada", "Ben", "Cleo")]
    pages = [browse() for _ in people]
    for number, (page, person) in enumerate(zip(pages, people, strict=True)):
        sign_in(page, person)
        join(page)
        judge(Desk(page), number)
        see_pending(page)
    see_agreement(owner, before)

    accept_all(owner)
    for page in pages:
        see_accrued(page)
    checks.assert_books_balance()

    archive = export(owner, tmp_path)
    rows = checks.rows_as_promised(checks.unpack(archive, tmp_path / "out"), tmp_path / "cache")
    chosen = {row["prompt"][0]["content"]: row["chosen"][0]["content"] for row in rows}
    assert chosen == PAIRS


def sign_in(page: Page, person: User) -> None:
    page.goto("/accounts/login/")
    page.get_by_label("Email").fill(person.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(re.compile(r"/$"))


def make_project(page: Page, tenant: Tenant) -> None:
    page.get_by_role("link", name=tenant.workspace.name).click()
    page.get_by_role("link", name="New project").first.click()
    page.get_by_label("Name").fill(PROJECT)
    page.get_by_label("Annotators of the market, paid").or_(
        page.get_by_role("radio", name=re.compile("market", re.I))
    ).first.check()
    page.get_by_label("Pay per answer").fill("0.25")
    page.get_by_role("button", name="Make the project").click()
    expect(page.get_by_role("heading", name=PROJECT)).to_be_visible()


def publish_guidelines(page: Page) -> None:
    page.get_by_role("link", name="Guidelines").first.click()
    page.locator("textarea[name=text]").fill("# Be fair\n\nRead **both** answers to the end.")
    page.get_by_role("button", name=re.compile("publish", re.I)).first.click()
    expect(page.get_by_text("Version 1 is in force.")).to_be_visible()


def make_batch(page: Page) -> None:
    overview(page)
    page.get_by_label("Model").fill("step-100")
    page.get_by_role("button", name=re.compile("batch", re.I)).click()
    expect(page.get_by_role("heading", name="Import items")).to_be_visible()


def import_file(page: Page, folder: Path) -> None:
    """First a file with a wrong row, which changes nothing and says where; then the right one."""
    page.set_input_files("#import-file", str(_file(folder, "wrong.jsonl", [{"prompt": "Alone?"}])))
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_text("Nothing was imported.")).to_be_visible()
    expect(page.get_by_role("cell", name="responses")).to_be_visible()
    page.set_input_files("#import-file", str(_file(folder, "items.jsonl.gz", make_items(ITEMS))))
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_text(f"{ITEMS} imported")).to_be_visible()


def _file(folder: Path, name: str, items: list[dict[str, object]]) -> Path:
    path = folder / name
    content = "".join(json.dumps(item) + "\n" for item in items).encode()
    path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    return path


def fund_and_open(page: Page) -> None:
    page.get_by_role("button", name=re.compile(r"^Fund with")).click()
    page.get_by_role("button", name="Open the batch").click()
    expect(page.get_by_role("button", name="Close the batch")).to_be_visible()


def overview(page: Page) -> None:
    page.get_by_role("link", name="Overview").or_(
        page.locator(".crumbs").get_by_role("link", name=PROJECT)
    ).first.click()
    expect(page.locator("#_live")).to_be_visible()


def figure(page: Page) -> str:
    """α as the page shows it."""
    return _stat(page, "Agreement α").inner_text()


def join(page: Page) -> None:
    page.get_by_role("link", name="Work", exact=True).click()
    card = page.get_by_role("article").filter(has_text=PROJECT)
    card.get_by_role("link", name="Read and join").click()
    page.get_by_role("button", name="Join", exact=True).click()
    expect(page.get_by_text("Read both answers to the end.")).to_be_visible()
    page.get_by_role("checkbox", name=re.compile("^I write my texts")).check()
    page.get_by_role("button", name="I have read this and accept it").click()
    expect(page.locator("[data-lease]")).to_be_visible()


def judge(desk: Desk, number: int) -> None:
    seen: dict[int, str] = {}
    while desk.has_work():
        item = desk.item_number()
        assert item not in seen, "an item is shown to an annotator once"
        seen[item] = VERDICTS[item][number]
        desk.judge(seen[item], reason="" if item % 2 else f"It is {seen[item]}.")
    assert len(seen) == ITEMS
    expect(desk.empty).to_contain_text("Nothing waits for you here")
    expect(desk.empty).to_contain_text(f"{ITEMS} today")


def see_pending(page: Page) -> None:
    page.goto("/earnings/")
    expect(_stat(page, "Waiting for a decision")).to_have_text("$1.50")
    expect(_stat(page, "Earned and owed to you")).to_have_text("$0.00")


def see_accrued(page: Page) -> None:
    """The books are kept a moment after the decision, by a worker."""
    booked = _stat(page, "Earned and owed to you").filter(has_text="$1.50")
    for _ in range(30):
        page.goto("/earnings/")
        if booked.count():
            break
        page.wait_for_timeout(500)
    expect(booked).to_be_visible()
    expect(_stat(page, "Waiting for a decision")).to_have_text("$0.00")
    expect(page.locator("td .badge").get_by_text("accepted", exact=True)).to_have_count(ITEMS)


def _stat(page: Page, name: str) -> Locator:
    return page.locator(".stat").filter(has_text=name).locator(".stat-value")


def see_agreement(page: Page, before: str) -> None:
    """The page polls by itself; nobody reloads it."""
    total = ITEMS * 3
    expect(page.locator("#_live")).to_contain_text(f"{total}", timeout=LIVE_MS)
    value = _stat(page, "Agreement α")
    expect(value).to_have_text(re.compile(r"0\.\d+"), timeout=LIVE_MS)
    assert value.inner_text() != before
    expect(page.locator("#_live svg .chart-line").first).to_be_visible(timeout=LIVE_MS)


def accept_all(page: Page) -> None:
    page.get_by_role("link", name=re.compile("^Review")).first.click()
    accepts = page.get_by_role("button", name="Accept the answer of")
    for left in reversed(range(ITEMS * 3)):
        accepts.first.click()
        expect(accepts).to_have_count(left)
    page.reload()
    expect(page.get_by_role("heading", name="Nothing waits for a decision")).to_be_visible()


def export(page: Page, folder: Path) -> bytes:
    page.get_by_role("link", name="Exports").first.click()
    page.get_by_role("button", name="Make the export").click()
    download = page.locator("#_exports").get_by_role("link", name="Download")
    expect(download).to_be_visible(timeout=LIVE_MS)
    with page.expect_download() as caught:
        download.click()
    path = folder / "export.zip"
    caught.value.save_as(path)
    assert caught.value.suggested_filename.endswith(".zip")
    return path.read_bytes()
