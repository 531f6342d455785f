"""Line icons, drawn inline so that no page waits for an image."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

_PATHS = {
    "alert": "M12 4 2.8 20h18.4L12 4Zm0 6v5m0 2.6v.1",
    "back": "M19 12H5m6-6-6 6 6 6",
    "bell": "M6 17V11a6 6 0 0 1 12 0v6l1.5 2h-15L6 17Zm4.5 4.5h3",
    "book": "M5 5.5C5 4.7 5.7 4 6.5 4H19v13H6.5A1.5 1.5 0 0 0 5 18.5m0-13v13A1.5 1.5 0 0 0 6.5 20H19v-3",
    "check": "m5 12.5 4.5 4.5L19 7.5",
    "chevron": "m9 6 6 6-6 6",
    "clock": "M12 7v5l3.2 2M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0Z",
    "close": "M6 6l12 12M18 6 6 18",
    "copy": "M9 9h10v11H9zM15 9V4H5v11h4",
    "download": "M12 4v11m-4.5-4.5L12 15l4.5-4.5M5 20h14",
    "grid": "M4 4h7v7H4zM13 4h7v7h-7zM4 13h7v7H4zM13 13h7v7h-7z",
    "help": "M9.3 9.2a2.8 2.8 0 1 1 4.2 2.5c-.9.5-1.5 1.1-1.5 2.2m0 2.9v.1M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0Z",
    "key": "M14.5 9.5 21 3m-3 3 2 2m-4 0 1.5 1.5M15 14a5 5 0 1 1-10 0 5 5 0 0 1 10 0Z",
    "lock": "M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3",
    "mail": "M3 6h18v12H3zM3 7l9 7 9-7",
    "moon": "M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5Z",
    "pause": "M8 5v14M16 5v14",
    "people": "M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7Zm-6.5 9a6.5 6.5 0 0 1 13 0"
    "M16 4.3a3.5 3.5 0 0 1 0 6.4m2 3.2a6.5 6.5 0 0 1 3.5 6.1",
    "person": "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8Zm-7.5 9a7.5 7.5 0 0 1 15 0",
    "play": "M8 5v14l11-7L8 5Z",
    "plus": "M12 5v14M5 12h14",
    "return": "M9 14 4 9l5-5M4 9h10a6 6 0 0 1 0 12h-3",
    "sun": "M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8Z"
    "M12 2v2m0 16v2M2 12h2m16 0h2M5 5l1.4 1.4m11.2 11.2L19 19M19 5l-1.4 1.4M6.4 17.6 5 19",
    "switch": "M4 8h14m-4-4 4 4-4 4M20 16H6m4-4-4 4 4 4",
    "text": "M4 7V5h16v2M12 5v14m-3 0h6",
    "upload": "M12 20V9m-4.5 4.5L12 9l4.5 4.5M5 4h14",
    "wallet": "M4 7h15v12H4zM4 7l11-3v3m1.5 6h.1",
}


@register.simple_tag
def icon(name: str, title: str = "") -> SafeString:
    """Draw a named icon; without a title it is decoration and hidden from screen readers."""
    if title:
        return format_html(
            '<svg class="icon" viewBox="0 0 24 24" role="img"><title>{}</title><path d="{}"/></svg>',
            title,
            _PATHS[name],
        )
    return format_html(
        '<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d="{}"/></svg>',
        _PATHS[name],
    )
