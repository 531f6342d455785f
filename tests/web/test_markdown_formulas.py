"""Formulas are drawn as written or shown as their source; nothing of them acts, and none ends the process."""

import re
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rlhfhub.web import markdown_formulas as formulas
from rlhfhub.web.markdown import render
from tests.examples import examples


def sources_of(text: str) -> list[str]:
    """The sources of the formulas in a text."""
    found = formulas.cut(text, lambda *_: None)
    assert found.sources(found.text) == text
    return [formula.source for formula in found.found]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (r"so \(a*b\) and \(c*d\)", [r"\(a*b\)", r"\(c*d\)"]),
        ("$$\na \\\\ b\n$$", ["$$\na \\\\ b\n$$"]),
        (r"\[ x \]", [r"\[ x \]"]),
        ("$x_1$, $y$-axis and $a < b$.", ["$x_1$", "$y$", "$a < b$"]),
        ("$x$\n\n$y$", ["$x$", "$y$"]),
        # Prices, variables and code are none.
        ("$10, $10, $20", []),
        ("$47.50 is $6.50", []),
        ("$5-$10 and A$", []),
        ("$20,000 (in US$)", []),
        ("echo $HOME and $PATH", []),
        ("`$x$` and ``\\(a\\)``", []),
        ("```sh\necho $A$\n```\n$b$", ["$b$"]),
        ("~~~\n\\[a\\]\n~~~", []),
        ("$a\n\nb$", []),
        (r"\\(a\\)", []),
        (r"\$5 and \$6", []),
    ],
)
def test_what_is_a_formula(text: str, found: list[str]) -> None:
    assert sources_of(text) == found


def test_markdown_reads_nothing_in_a_formula() -> None:
    html = render(r"\(a_1 * b_2 * c \, d \\ \{e\}\) and $|x|$")
    assert "<em>" not in html and html.count("<math>") == 2
    assert r'title="\(a_1 * b_2 * c \, d \\ \{e\}\)"' in html
    assert '<mspace width="0.16666667em">' in html


def test_a_table_keeps_its_cells_where_a_formula_has_bars() -> None:
    html = render("| a | b |\n|---|---|\n| $|x|$ | y |")
    assert html.count("<td") == 2 and "<math>" in html


@pytest.mark.parametrize(
    "tex",
    [
        r"\unknown{x}",
        "50% of x",
        r"\phantom{x}y",
        r"\color{white}{x}",
        r"\def\a{x}\a",
        r"\newcommand{\a}{x}\a",
        r"\eqref{a}",
        r"\frac{",
        "a+" * 2_001,
        "{" * 41 + "x" + "}" * 41,
        r"\hat " * 301 + "x",
    ],
)
def test_what_is_not_drawn_whole_is_shown_as_its_source(tex: str) -> None:
    html = render(f"$${tex}$$")
    assert "<math" not in html
    assert f'<span class="md-tex">$${tex}$$</span>' in html


def test_columns_are_aligned_by_classes() -> None:
    html = render(r"$$\begin{cases} 1 & x > 0 \\ 0 & \text{else} \end{cases}$$")
    assert '<mtd class="ma-left ma-gap">' in html and " style=" not in html


_TEX = st.lists(
    st.sampled_from(
        [
            *("\\frac{", "\\sqrt[", "\\left(", "\\right)", "\\begin{array}{c|c}", "\\end{array}"),
            *("\\text{", "\\href{javascript:a}{b}", "\\style{a}", "\\class{b}", "\\mbox{<b>}"),
            *("<script>", "</math>", "<img src=x onerror=a>", "<!--", "&lt;", "&", '"', "'", "]]>"),
            *("{", "}", "^", "_", "x", "1", "+", "\\\\", "\\,", "é", "\\hline ", "\\boxed{"),
            *("\\mathrm{", "\\operatorname{", "\\not ", "\\cancel{", "\\bf ", "</mtext>", "<svg>"),
        ]
    ),
    max_size=14,
).map("".join)
_TAG = re.compile(r"</?([a-z]+[0-9]?)((?: [a-z]+=\"[^\"<>]*\")*)/?>")
_AROUND = {"div", "p", "span", "br", "em", "strong", "s", "code"}


@settings(max_examples=examples(300), deadline=None)
@given(_TEX)
def test_nothing_but_mathml_comes_of_a_formula(tex: str) -> None:
    html = render(f"\\[{tex}\\]")
    # Only text in quotation marks may hold an unescaped bracket.
    quoted = re.sub(r'="[^"]*"', '=""', html)
    assert "<" not in _TAG.sub("", quoted)
    for tag, attributes in _TAG.findall(quoted):
        assert tag in _AROUND | set(formulas.MATH_ATTRIBUTES), tag
        assert not re.search(r" (on|style|href|src|xlink)", attributes)


_NESTS = [
    *("{", r"\frac{", r"\sqrt[", r"\left(", "x^{", r"\begin{matrix}", r"\hat ", r"\mathbf "),
    *(r"\displaystyle a", r"\not ", "x_{a_", r"\xrightarrow{", r"{a\over ", r"\text{", r"\binom{"),
    *(r"\mathop{", r"\bf a", r"\sqrt "),
]


def test_the_deepest_formula_that_is_drawn_needs_little_stack() -> None:
    """A stack that runs over ends the process. Web servers' threads have 2 MiB; here is half of it."""
    drawn: list[str] = []

    def draw() -> None:
        for nest in _NESTS:
            deepest = max(filter(formulas._is_small, (nest * n for n in range(1, 400))), key=len)
            drawn.append(formulas.html(formulas.Formula(deepest, deepest, displayed=True)))

    before = threading.stack_size(1024 * 1024)
    try:
        thread = threading.Thread(target=draw)
        thread.start()
        thread.join()
    finally:
        threading.stack_size(before)
    assert len(drawn) == len(_NESTS)
