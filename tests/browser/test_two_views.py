"""Rendered and raw at the desk: one key apart, kept for the account, drawn without anything from elsewhere."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from projects.items import services as batches
from projects.items.models import Batch
from rlhfhub.tenancy import planes
from rlhfhub.tenancy.models import User
from rlhfhub.web.raw_text import raw
from tests.browser.desk_page import Desk
from tests.browser.furnished import Furnished
from tests.browser.site import Site
from tests.factories import (
    fund_batch,
    import_items,
    make_batch,
    make_item,
    make_project,
    make_workspace,
)
from tests.people import Annotator, make_annotator

pytestmark = pytest.mark.browser

FORMULAS = (
    "The **derivative** of $f(x) = x^2 * \\sin x$ follows from the product rule:\n\n"
    "$$f'(x) = 2x \\sin x + x^2 \\cos x \\quad \\text{for all } x \\in \\mathbb{R}$$\n\n"
    "1. Let \\(u = x^2\\), so \\(u' = 2x\\).\n3. Then\n\n"
    "\\[ \\int_0^1 \\frac{1}{1 + x^2} \\, dx = \\left[ \\arctan x \\right]_0^1 = \\frac{\\pi}{4} \\]\n\n"
    "\\[ A = \\begin{pmatrix} a & b \\\\ c & d \\end{pmatrix}, \\qquad "
    "|x| = \\begin{cases} x & x \\ge 0 \\\\ -x & \\text{else} \\end{cases} \\]\n\n"
    "It costs $5, not $6, says [1].\n\n[1]: https://a.example/prices\n"
)
CODE = (
    "```python\ndef area(radius: float) -> float:\n    # the whole disc, and a comment that goes on beyond "
    "the edge of the card so that it must be scrolled\n    return 3.14159 * radius ** 2\n```\n\n"
    "Unfenced:\n\nfor n in range(3):\n    if n:\n        print(n)\n\n"
    "zero\u200bwidth, \u202eevil\u202c, tab\there  \nend"
)
RTL = "".join(f"{n}. بند رقم {n}\n" for n in range(98, 104))


@pytest.fixture
def eve(site: Site) -> Annotator:
    """An annotator whose one item holds formulas and code."""
    project = make_project(make_workspace())
    batch = make_batch(project, items=0)
    texts = [{"text": FORMULAS}, {"text": CODE}]
    import_items(batch, [make_item(1, prompt="Derive it.", responses=texts)])
    _open(batch)
    return make_annotator(project, "Eve")


def _open(batch: Batch) -> None:
    fund_batch(batch)
    with planes.in_workspace(batch.workspace_id):
        batch.refresh_from_db()
        batches.open_batch(batch=batch, actor_id=None)


@pytest.fixture
def views(browse: Callable[..., Page], eve: Annotator) -> Iterator[Desk]:
    desk = Desk(browse(eve.user))
    desk.open(eve.enrollment)
    assert desk.has_work()
    yield desk


def reads_raw(user: User) -> bool:
    with planes.at_door():
        return User.objects.get(pk=user.pk).reads_raw


def test_a_key_shows_every_character_and_again_the_formulas(views: Desk, eve: Annotator) -> None:
    page = views.page
    rendered, stored = (
        page.locator(".response-body .md").first,
        page.locator(".response-body .raw").first,
    )
    expect(rendered).to_be_visible()
    expect(stored).to_be_hidden()
    with page.expect_response("**/reading/"):
        views.press("m")
    expect(stored).to_be_visible()
    expect(rendered).to_be_hidden()
    expect(page.get_by_role("button", name="Raw text")).to_have_attribute("aria-pressed", "true")
    assert reads_raw(eve.user)
    with page.expect_response("**/reading/"):
        page.get_by_role("button", name="Raw text").click()
    expect(rendered).to_be_visible()
    assert not reads_raw(eve.user)


def test_the_choice_follows_the_account(
    views: Desk, eve: Annotator, browse: Callable[..., Page]
) -> None:
    with views.page.expect_response("**/reading/"):
        views.press("m")
    elsewhere = Desk(browse(eve.user))
    elsewhere.open(eve.enrollment)
    expect(elsewhere.page.locator(".response-body .raw").first).to_be_visible()


def test_the_key_is_found_by_its_place_and_rests_while_one_writes(views: Desk) -> None:
    page, stored = views.page, views.page.locator(".response-body .raw").first
    views.press("r", "m")
    expect(views.reason).to_have_value("m")
    expect(stored).to_be_hidden()
    views.press("Escape")
    page.evaluate(
        "document.body.dispatchEvent(new KeyboardEvent('keydown',"
        " {key: 'ь', code: 'KeyM', bubbles: true, cancelable: true}))"
    )
    expect(stored).to_be_visible()


def test_a_plain_form_does_it_too(browse: Callable[..., Page], eve: Annotator) -> None:
    page = browse(eve.user, javascript=False)
    page.goto(f"/work/{eve.enrollment.pk}/")
    page.get_by_role("button", name="Raw text").click()
    expect(page.locator(".response-body .raw").first).to_be_visible()
    assert page.url.endswith(f"/work/{eve.enrollment.pk}/")


def test_a_browser_reads_back_every_character(views: Desk) -> None:
    """Without the visible marks, the text of a raw view in a browser is the stored text."""
    text = "\n\n a\t\u202eb\u0000\r\nc<i>x</i>&lt;  \n\n"
    read = views.page.evaluate(
        """html => {
            const place = document.createElement("div");
            place.innerHTML = html;
            return [...place.firstChild.childNodes].map(node => {
                const said = node.textContent;
                if (node.nodeName !== "I") { return said; }
                const code = said.match(/^U\\+([0-9A-F]+)$/);
                if (code) { return String.fromCodePoint(parseInt(code[1], 16)); }
                return {"↵": "", "␀": "\\0", "␍": "\\r"}[said] ?? said;
            }).join("");
        }""",
        str(raw(text)),
    )
    assert read == text


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("dark", [False, True])
def test_formulas_and_code_are_drawn(
    browse: Callable[..., Page], eve: Annotator, screenshots: Path, width: int, dark: bool
) -> None:
    page = browse(eve.user, width=width, dark=dark)
    page.goto(f"/work/{eve.enrollment.pk}/")
    fraction = page.locator("mfrac").first.bounding_box()
    letters = page.locator("mfrac > *").first.bounding_box()
    assert fraction and letters and fraction["height"] > 1.8 * letters["height"]
    colors = page.locator(".code-keyword, .code-comment").evaluate_all(
        "all => new Set(all.map(one => getComputedStyle(one).color)).size"
    )
    assert colors == 2
    name = f"{width}-{'dark' if dark else 'light'}"
    page.screenshot(path=screenshots / f"views-rendered-{name}.png", full_page=True)
    page.keyboard.press("m")
    page.screenshot(path=screenshots / f"views-raw-{name}.png", full_page=True)


@pytest.mark.parametrize("width", [1440, 390])
def test_a_list_from_right_to_left_stays_in_its_card(
    browse: Callable[..., Page], site: Site, screenshots: Path, width: int
) -> None:
    project = make_project(make_workspace())
    batch = make_batch(project, items=0)
    texts = [{"text": RTL}, {"text": "plain"}]
    import_items(batch, [make_item(1, prompt="اعطني قائمة.", responses=texts)])
    _open(batch)
    rami = make_annotator(project, "Rami")
    page = browse(rami.user, width=width)
    page.goto(f"/work/{rami.enrollment.pk}/")
    page.screenshot(path=screenshots / f"views-rtl-{width}.png", full_page=True)
    cards = [
        box for box in (card.bounding_box() for card in page.locator(".response").all()) if box
    ]
    for number in page.locator(".md-number").all():
        box = number.bounding_box()
        assert box
        inside = [
            c for c in cards if c["x"] < box["x"] and box["x"] + box["width"] < c["x"] + c["width"]
        ]
        assert inside, box
    prompt, words = page.locator(".turn").bounding_box(), page.locator(".turn .md").bounding_box()
    assert prompt and words
    assert prompt["x"] + prompt["width"] - words["x"] - words["width"] < 40, "at the right edge"


def test_a_reviewer_switches_too(
    browse: Callable[..., Page], ground: Furnished, screenshots: Path
) -> None:
    page = browse(ground.tenant.owner)
    page.goto(f"/w/{ground.tenant.workspace.slug}/projects/{ground.project.pk}/review/")
    stored = page.locator(".review-answer .raw").first
    expect(stored).to_be_hidden()
    with page.expect_response("**/reading/"):
        page.keyboard.press("m")
    expect(stored).to_be_visible()
    expect(page.locator(".review-answer .md").first).to_be_hidden()
    page.screenshot(path=screenshots / "views-review-raw.png")
    assert reads_raw(ground.tenant.owner)
