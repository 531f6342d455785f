"""What all hosted pages look like."""

from collections.abc import Iterable
from html import escape

STYLE = """
    body { font: 1rem/1.5 system-ui, sans-serif; max-width: 34rem; margin: 2rem auto; padding: 0 1rem; color: #1a1f36;
        background: #fff; }
    button { font: inherit; display: block; width: 100%; margin: .5rem 0; padding: .6rem; border: 1px solid #4338ca;
        border-radius: .4rem; background: #4338ca; color: #fff; cursor: pointer; }
    button.plain { background: #fff; color: #312e81; }
    fieldset { border: 1px solid #6b7280; border-radius: .4rem; margin: 1rem 0; }
    label { display: block; padding: .2rem 0; }
    .note { background: #fef3c7; color: #451a03; padding: .5rem .75rem; border-radius: .4rem; }
    .error { background: #fee2e2; color: #7f1d1d; padding: .5rem .75rem; border-radius: .4rem; }
    dt { font-weight: 600; } dd { margin: 0 0 .5rem; }
"""


def page(title: str, *parts: str) -> str:
    """Return a whole page. Its parts are HTML already."""
    body = "\n".join(parts)
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<link rel="icon" href="data:,"><style>{STYLE}</style></head>'
        f'<body><main><h1>{escape(title)}</h1><p class="note">This is an emulator of Stripe. No money moves.</p>'
        f"{body}</main></body></html>"
    )


def form(*parts: str) -> str:
    """Return a form that is sent to the page's own address."""
    return f'<form method="post">{"".join(parts)}</form>'


def button(name: str, value: str, text: str, *, plain: bool = False) -> str:
    """Return a button that sends its form with a value."""
    kind = ' class="plain"' if plain else ""
    return f'<button name="{name}" value="{value}"{kind}>{escape(text)}</button>'


def choice(name: str, legend: str, options: Iterable[tuple[str, str]]) -> str:
    """Return a choice of one of several; the first is chosen already."""
    inputs = []
    for index, (value, text) in enumerate(options):
        chosen = "" if index else " checked"
        field = f'<input type="radio" name="{name}" value="{value}"{chosen}>'
        inputs.append(f"<label>{field} {escape(text)}</label>")
    return f"<fieldset><legend>{escape(legend)}</legend>{''.join(inputs)}</fieldset>"


def facts(pairs: Iterable[tuple[str, object]]) -> str:
    """Return a list of terms and what they are."""
    return (
        "<dl>"
        + "".join(f"<dt>{escape(term)}</dt><dd>{escape(str(fact))}</dd>" for term, fact in pairs)
        + "</dl>"
    )


def error(message: str) -> str:
    """Return what went wrong."""
    return f'<p class="error" role="alert">{escape(message)}</p>'


def link(address: str, text: str) -> str:
    """Return a link to another page."""
    return f'<p><a href="{escape(address)}">{escape(text)}</a></p>'
