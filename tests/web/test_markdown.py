"""User text renders inert, readable and in its own direction."""

import re

import pytest

from rlhfhub.web.markdown import MAX_MARKDOWN_CHARS, render, visible

_ATTACKS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "![x](https://spy.example/pixel.png)",
    '![x](https://spy.example/p.png "title\\" onload=alert(1)")',
    '[x](https://a.example "\\" onmouseover=alert(1) \\"")',
    "<style>body{background:url(https://spy.example)}</style>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<form action=https://spy.example><input name=password></form>",
    '<https://a.example/"onclick=alert(1)>',
    '```"><script>alert(1)</script>\nx\n```',
    "| a |\n|---|\n| <script>alert(1)</script> |",
    "{{ 7*7 }} {% load static %}",
]
_ALLOWED_TAG = re.compile(
    r"</?(a|blockquote|br|code|del|div|em|hr|li|ol|p|pre|s|span|strong|table|tbody|td|th|thead|tr|ul|h[456])[ >]"
)


@pytest.mark.parametrize("text", _ATTACKS)
def test_attacks_render_inert(text: str) -> None:
    html = render(text)
    for tag in re.findall(r"</?[a-zA-Z][^>]*>", html):
        assert _ALLOWED_TAG.match(tag), tag
        assert not re.search(r"\son\w+\s*=", re.sub(r'"[^"]*"', '""', tag)), tag
        assert "javascript:" not in tag.lower()
        assert not re.search(r"\s(src|style|srcdoc|action)=", tag)


def test_links_open_apart_and_tell_nothing() -> None:
    html = render("[docs](https://docs.example/a?b=1&c=2)")
    assert 'href="https://docs.example/a?b=1&amp;c=2"' in html
    assert 'target="_blank"' in html
    assert 'rel="nofollow noopener noreferrer"' in html


def test_a_relative_link_cannot_point_into_our_pages() -> None:
    assert "href" not in render("[sign out](/accounts/logout/)")


def test_an_image_is_named_and_never_fetched() -> None:
    html = render("![a cat](https://spy.example/cat.png)")
    assert "<img" not in html
    assert "image: a cat (https://spy.example/cat.png)" in html


def test_line_breaks_tables_and_code_are_shown() -> None:
    html = render("one\ntwo\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```\nx < 1\n```")
    assert "one<br>" in html
    assert '<div class="md-table" tabindex="0"><table>' in html
    assert '<pre tabindex="0"><code>x &lt; 1\n</code></pre>' in html


def test_headings_stay_below_those_of_the_page() -> None:
    html = render("# One\n\n### Three")
    assert '<h3 class="md-h1" dir="auto">One</h3>' in html
    assert '<h5 class="md-h3" dir="auto">Three</h5>' in html
    assert '<h2 class="md-h1" dir="auto">One</h2>' in render("# One", 2)
    assert '<h2 class="md-h1" dir="auto">One</h2>' in render("# One", 1)


def test_delimiters_of_what_is_no_formula_are_kept() -> None:
    assert r"\(a_1 and \[c" in render(r"\(a_1 and \[c")
    assert r"<code>\(x\)</code>" in render(r"`\(x\)`")


def test_every_block_has_its_own_direction() -> None:
    html = render("hello\n\nשלום")
    assert html.count('<p dir="auto">') == 2
    assert html.startswith('<div class="md" dir="auto">')


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x00b", "a␀b"),
        ("a\x1b[31mb", "a␛[31mb"),
        ("a\x7fb", "a␡b"),
        ("invoice\u202egpj.exe", "invoice⟦U+202E⟧gpj.exe"),
        ("zero\u200bwidth", "zero⟦U+200B⟧width"),
        ("tag\U000e0041s", "tag⟦U+E0041⟧s"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("tab\tand\nline", "tab\tand\nline"),
        ("👩\u200d💻 می\u200cخواهم", "👩\u200d💻 می\u200cخواهم"),
        (
            "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
            "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        ),
    ],
)
def test_hidden_characters_are_made_visible(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_very_long_text_is_shown_as_it_is() -> None:
    html = render("<b>x</b> *y* " * (MAX_MARKDOWN_CHARS // 10))
    assert '<pre class="md-plain-text" dir="auto">&lt;b&gt;x' in html
    assert "<em>" not in html


def test_a_link_that_leads_nowhere_tells_its_address() -> None:
    assert "x (javascript:alert(1))" in render("[x](javascript:alert(1))")
    assert "sign out (/accounts/logout/)" in render("[sign out](/accounts/logout/)")
    assert 'href="mailto:a@b.example"' in render("<a@b.example>")
    assert "href" not in render("<javascript:alert(1)>")
