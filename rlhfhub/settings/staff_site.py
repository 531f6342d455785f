"""Settings of the staff's admin: its title, icon and colors."""

from django.templatetags.static import static

UNFOLD = {
    "SITE_TITLE": "RLHFHub staff",
    "SITE_HEADER": "RLHFHub staff",
    "SITE_ICON": lambda request: static("web/icon.svg"),
    "COLORS": {
        "primary": {
            "50": "#f0f8f5",
            "100": "#e0f1ec",
            "200": "#bfe3d9",
            "300": "#8fe0ce",
            "400": "#62cdb6",
            "500": "#45b39c",
            "600": "#0b6a5b",
            "700": "#085a4d",
            "800": "#074d42",
            "900": "#063f36",
            "950": "#04231c",
        }
    },
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("web/icon.svg")}
    ],
}
