"""Every template compiles and keeps to the content security policy."""

import re
from pathlib import Path

import pytest
from django.template.loader import get_template

from rlhfhub.tenancy.roles import Capability

_ROOT = Path(__file__).resolve().parents[2] / "templates"
_ALL = sorted(path.relative_to(_ROOT).as_posix() for path in _ROOT.rglob("*.html"))
_FORBIDDEN = {
    "inline style": re.compile(r"\sstyle\s*=|<style"),
    # `with one=…` is a variable of a template.
    "inline handler": re.compile(r"\son(?!e=)[a-z]+\s*=|\shx-on"),
    "unescaped text": re.compile(r"\|\s*safe\b|autoescape off"),
    "script without nonce": re.compile(r"<script(?![^>]*\snonce=)"),
    "foreign resource": re.compile(r"(src|href)=\"(https?:)?//"),
    "method that a key may hide (use |pairs)": re.compile(r"in [\w.]+\.(items|keys|values) %}"),
    "evaluated expression": re.compile(r"hx-(trigger|vals)=\"[^\"]*(\[|js:)"),
}
# Mail programs load no style sheets, and no policy of the site's holds in a mail.
_MAY = {("rlhfhub/notices/mail.html", "inline style")}


@pytest.mark.parametrize("name", _ALL)
def test_a_template_compiles_and_keeps_the_policy(name: str) -> None:
    get_template(name)
    text = (_ROOT / name).read_text()
    for what, pattern in _FORBIDDEN.items():
        assert bool(pattern.search(text)) == ((name, what) in _MAY), what


@pytest.mark.parametrize("name", [name for name in _ALL if "/" in name])
def test_a_polled_part_has_the_id_of_its_file(name: str) -> None:
    text = (_ROOT / name).read_text()
    # A part that replaces another one names it by `hx-target`.
    swaps_itself = 'hx-swap="outerHTML"' in text and "hx-target=" not in text
    if swaps_itself and Path(name).stem.startswith("_"):
        assert f'id="{Path(name).stem}"' in text


@pytest.mark.parametrize("name", _ALL)
def test_a_template_asks_for_a_capability_by_its_one_word(name: str) -> None:
    """A word that `Capability` has not would be false for everybody, without an error."""
    text = (_ROOT / name).read_text()
    asked = re.findall(r"\bcan\.(\w+)", text)
    for listed in re.findall(r"\bcan \{(?!%)([^}]*)\}", text):
        asked += re.findall(r"\w+", listed)
    assert set(asked) <= set(Capability.values)
    assert not re.search(r"\bmember\.may", text)
