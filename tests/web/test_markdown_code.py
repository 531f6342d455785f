"""Code is highlighted by classes, letter for letter, and within its time."""

import html as html_entities
import time

import pytest
from django.utils.html import strip_tags
from hypothesis import given, settings
from hypothesis import strategies as st

from rlhfhub.web import markdown_code as code
from rlhfhub.web.markdown import render
from tests.examples import examples

SLACK = 2
_CODE = st.lists(
    st.sampled_from(
        [
            *(
                '"',
                "'",
                "`",
                "/*",
                "*/",
                "//",
                "#",
                "\\",
                "{",
                "}",
                "(",
                ")",
                "[",
                "]",
                "<",
                ">",
                "<<A\n",
            ),
            *(
                '"""',
                "'''",
                "r'",
                'f"{',
                "$",
                "${",
                "@",
                "%",
                "=",
                "=>",
                "->",
                "::",
                "a",
                "a ",
                " ",
                "\n",
            ),
            *(
                "\t",
                "0",
                "0x",
                "1e",
                ".",
                "if ",
                "def ",
                "class ",
                "import ",
                "public ",
                "struct ",
                "é",
            ),
            *(
                "- ",
                "a: ",
                "|\n",
                "+",
                "~",
                "^",
                "&",
                "?",
                "!",
                "\r\n",
                "url(",
                "\\\n",
                "--",
                "template<",
            ),
        ]
    ),
    min_size=1,
    max_size=4,
).map(lambda pieces: ("".join(pieces) * code.MOST_CHARS)[: code.MOST_CHARS])


def words_of(html: str) -> str:
    """What a reader sees."""
    return html_entities.unescape(strip_tags(html))


def test_a_language_is_highlighted_by_classes() -> None:
    html = render("```Python\ndef f():  # c\n    return 'a'\n```")
    assert '<span class="code-keyword">def</span>' in html
    assert '<span class="code-comment"># c</span>' in html
    assert "<span class=\"code-string\">'a'</span>" in html
    assert "style=" not in html


@pytest.mark.parametrize("fence", ["```", "```nothing", "```bash", "```python title=x <b>"])
def test_what_is_in_code_is_whole_whatever_its_language(fence: str) -> None:
    assert 'echo "$A" <<X\n' in words_of(render(f'{fence}\necho "$A" <<X\n```'))


def test_code_in_a_list_and_formulas_in_code_stay_as_written() -> None:
    html = render("1. see\n   ```python\n   x = '$a$ \\(b\\) \\,'\n   ```")
    assert "x = '$a$ \\(b\\) \\,'" in words_of(html) and "code-string" in html


def test_long_code_is_plain() -> None:
    assert "code-" not in render("```python\n" + "x = 1\n" * 1_000 + "```")


@settings(max_examples=examples(150), deadline=None)
@given(st.sampled_from(sorted(code._LANGUAGES)), _CODE)
def test_no_code_takes_longer_than_its_time_or_loses_a_letter(language: str, text: str) -> None:
    code._lexer(language)
    took = 0.0
    for _ in range(3):
        began = time.thread_time()
        found = list(code.pieces(text, language, code.CODE_SECONDS))
        took = time.thread_time() - began
        assert "".join(piece for _, piece in found) == text
        if took <= code.CODE_SECONDS * SLACK:
            break
    assert took <= code.CODE_SECONDS * SLACK
