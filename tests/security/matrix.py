"""The access matrix: who gets which status at which URL. A URL without a row here fails the build.

A row says what the identities it names get where the URL's ids are their own; its kind says what all others get,
and everybody for what is another's or missing.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.security.world import Side

# Identities. Browsers have a session; the rest send a key, which pages ignore as the API ignores sessions.
ANONYMOUS = "anonymous"
OWNER, VIEWER, STRANGER, ANNOTATOR, STAFF = "owner", "viewer", "stranger", "annotator", "staff"
BROWSERS = (OWNER, VIEWER, STRANGER, ANNOTATOR, STAFF)
TOKEN, KEY, READER, OTHER_KEY, REVOKED = "token", "key", "reader", "other_key", "revoked"
KEYS = (TOKEN, KEY, READER, OTHER_KEY, REVOKED)
EVERYBODY = (ANONYMOUS, *BROWSERS, *KEYS)

# Targets. `stolen` is the other workspace's own address, its slug included; a `neighbour` works in the same
# project, and `mixed` is one's own enrollment with a neighbour's lease.
OWN, FOREIGN, MISSING, STOLEN, NOWHERE = "own", "foreign", "missing", "stolen", "nowhere"
NEIGHBOURS, MIXED = "neighbour's", "mixed"

Body = Callable[[Side], Any]


@dataclass(frozen=True)
class Row:
    """One URL and method. `own` maps identities to their status; `ids` renames a URL's id to one of Side.ids()."""

    name: str
    method: str
    own: dict[str, int]
    body: Body | None = None
    ids: dict[str, str] = field(default_factory=dict)
    htmx: bool = False
    # The role is asked before the id is looked up: 403 whatever the id.
    role_first: bool = True
    scope: str = "read"

    def __str__(self) -> str:
        return f"{self.method} {self.name}"


def page(name: str, method: str, owner: int, viewer: int, **more: Any) -> Row:
    """A page under /w/<slug>/."""
    return Row(name, method, {OWNER: owner, VIEWER: viewer}, **more)


def rest(name: str, method: str, status: int, scope: str, **more: Any) -> Row:
    """A workspace's REST URL."""
    return Row(name, method, {KEY: status}, scope=scope, **more)


def _item(side: Side) -> list[dict[str, Any]]:
    return [{"prompt": "new?", "responses": [{"text": "yes"}, {"text": "no"}]}]


def _pasted(side: Side) -> dict[str, str]:
    return {"text": json.dumps(_item(side))}


def _plan(side: Side) -> dict[str, str]:
    return {"overlap": "2", "share_percent": "10", "share_overlap": "3"}


def _project(side: Side) -> dict[str, Any]:
    return {"name": "new", "template": "pairwise"}


def _choice(side: Side) -> dict[str, Any]:
    return {"answer": {"preference": {"choice": "tie"}, "reason": "equal"}}


def _choice_form(side: Side) -> dict[str, Any]:
    return {"preference": "tie", "reason": "equal"}


_DRAFT_BATCH = {"ids": {"batch": "draft_batch", "batch_id": "draft_batch"}}
_FUNDED_BATCH = {"ids": {"batch": "funded_batch", "batch_id": "funded_batch"}}
_BY_HANDLER = {"role_first": False}

MEMBER_PAGES = (
    page("workspace", "GET", 200, 200),
    page("members", "GET", 200, 200),
    page("members", "POST", 200, 403, body=lambda s: {"email": "n@x.example", "role": "viewer"}),
    page("keys", "GET", 200, 403),
    page(
        "keys", "POST", 200, 403, body=lambda s: {"name": "new", "scopes": ["read"], "days": "90"}
    ),
    page("project_new", "GET", 200, 403),
    page("project_new", "POST", 422, 403, body=lambda s: {"name": ""}),
    page("project", "GET", 200, 200),
    page("project", "POST", 303, 403, body=lambda s: {"name": "new"}, **_BY_HANDLER),
    page("project_agreement", "GET", 200, 200, htmx=True),
    page("project_items", "GET", 200, 200),
    page("project_items", "POST", 303, 403, body=lambda s: {"keys": "language"}, **_BY_HANDLER),
    page("item", "GET", 200, 200),
    page("guidelines", "GET", 200, 200),
    page(
        "guidelines",
        "POST",
        303,
        403,
        body=lambda s: {"text": "new", "change": "minor"},
        **_BY_HANDLER,
    ),
    page("review", "GET", 200, 200),
    page(
        "review",
        "POST",
        303,
        403,
        body=lambda s: {"annotation": [str(s.waiting[0].pk)]},
        **_BY_HANDLER,
    ),
    page("review_one", "GET", 200, 200),
    page("exports", "GET", 200, 200),
    page("exports", "POST", 303, 403, body=lambda s: {"dataset": "dpo"}, **_BY_HANDLER),
    page("export_download", "GET", 200, 403),
    page("batch", "GET", 200, 200),
    page("batch_progress", "GET", 200, 200, htmx=True),
    page("batch_import", "POST", 303, 403, body=_pasted, **_DRAFT_BATCH),
    page("batch_fund", "POST", 303, 403, **_DRAFT_BATCH),
    page("fund_progress", "GET", 200, 200, htmx=True),
    page("batch_plan", "POST", 303, 403, body=_plan, **_DRAFT_BATCH),
    page("batch_open", "POST", 303, 403, **_FUNDED_BATCH),
    page("batch_pause", "POST", 303, 403),
    page("batch_close", "POST", 303, 403),
    page("money", "GET", 200, 403),
)

DESK_PAGES = (
    Row("desk", "GET", {ANNOTATOR: 200}),
    Row("desk_kept", "GET", {ANNOTATOR: 200}),
    Row("earnings_in", "GET", {ANNOTATOR: 200}),
    Row("guideline", "GET", {ANNOTATOR: 200}),
    Row("guideline", "POST", {ANNOTATOR: 303}, body=lambda s: {"guideline_version": "1"}),
    Row("desk_submit", "POST", {ANNOTATOR: 303}, body=_choice_form),
    Row("desk_return", "POST", {ANNOTATOR: 303}, body=lambda s: {"reason": "unclear"}),
    Row("desk_draft", "POST", {ANNOTATOR: 204}, body=_choice_form),
)

WORKSPACE_API = (
    rest("api_projects", "GET", 200, "read"),
    rest("api_projects", "POST", 201, "write", body=_project),
    rest("api_project", "GET", 200, "read"),
    rest("api_guidelines", "GET", 200, "read"),
    rest("api_guidelines", "POST", 201, "write", body=lambda s: {"text": "new"}),
    rest("api_guideline", "GET", 200, "read"),
    rest("api_publish_guideline", "POST", 200, "write"),
    rest("api_batches", "GET", 200, "read"),
    rest("api_batches", "POST", 201, "write", body=lambda s: {}),
    rest("api_batch", "GET", 200, "read"),
    rest("api_items", "GET", 200, "read"),
    rest("api_project_items", "GET", 200, "read"),
    rest("api_item", "GET", 200, "read"),
    rest("api_metadata_keys", "GET", 200, "read"),
    rest("api_metadata_keys", "PUT", 200, "write", body=lambda s: {"keys": ["language"]}),
    rest("api_items", "POST", 201, "write", body=_item, **_DRAFT_BATCH),
    rest("api_fund", "GET", 200, "read"),
    rest("api_fund", "POST", 202, "write", **_DRAFT_BATCH),
    rest("api_batch", "PATCH", 200, "write", body=lambda s: {"overlap": 2}, **_DRAFT_BATCH),
    rest("api_open_batch", "POST", 200, "write", **_FUNDED_BATCH),
    rest("api_pause_batch", "POST", 200, "write"),
    rest("api_close_batch", "POST", 200, "write"),
    rest("api_consensus", "GET", 200, "read"),
    rest("api_agreement", "GET", 200, "read"),
    rest("api_annotations", "GET", 200, "read"),
    rest("api_accept_many", "POST", 200, "write", body=lambda s: {"ids": [str(s.waiting[0].pk)]}),
    rest("api_accept", "POST", 200, "write"),
    rest("api_exports", "GET", 200, "read"),
    rest("api_exports", "POST", 202, "export", body=lambda s: {}),
    rest("api_export", "GET", 200, "read"),
    rest("api_download", "GET", 200, "export"),
    rest("api_balance", "GET", 200, "read"),
)

DESK_API = (
    Row("api_lease", "POST", {TOKEN: 200}, body=lambda s: {"project": str(s.project.pk)}),
    Row("api_submit", "POST", {TOKEN: 201}, body=_choice),
    Row("api_return", "POST", {TOKEN: 204}, body=lambda s: {"reason": "unclear"}),
    Row("api_draft", "PUT", {TOKEN: 204}, body=lambda s: {"answer": {"reason": "so far"}}),
    Row("api_enrollments", "GET", {TOKEN: 200}),
    Row("api_enrollments", "POST", {TOKEN: 200}, body=lambda s: {"project": str(s.project.pk)}),
    Row("api_read_guideline", "GET", {TOKEN: 200}),
    Row("api_accept_guideline", "POST", {TOKEN: 200}, body=lambda s: {"guideline_version": 1}),
    Row("api_earnings", "GET", {TOKEN: 200}),
)

SIGNED_IN_PAGES = (
    Row("workspace_new", "GET", dict.fromkeys(BROWSERS, 200)),
    Row("workspace_new", "POST", dict.fromkeys(BROWSERS, 422), body=lambda s: {"name": ""}),
    Row("reading", "POST", dict.fromkeys(BROWSERS, 303), body=lambda s: {"reading": "raw"}),
    Row("work_home", "GET", dict.fromkeys(BROWSERS, 200)),
    Row("earnings", "GET", dict.fromkeys(BROWSERS, 200)),
    Row("tokens", "GET", dict.fromkeys(BROWSERS, 200)),
    # Who has no place in the workspace cannot choose it.
    Row(
        "tokens",
        "POST",
        dict.fromkeys(BROWSERS, 422) | {ANNOTATOR: 200},
        body=lambda s: {"workspace": str(s.pk), "name": "new", "days": "90"},
    ),
    # The workspace's own unpaid project: its members may join.
    Row(
        "join",
        "POST",
        {OWNER: 303, VIEWER: 303, STRANGER: 404, ANNOTATOR: 404, STAFF: 404},
        ids={"project_id": "unpaid"},
    ),
)

_ALL = dict.fromkeys(EVERYBODY, 200)
OPEN_TO_ALL = (
    Row("live", "GET", _ALL),
    Row("ready", "GET", _ALL),
    Row("work_health", "GET", _ALL),
    Row("home", "GET", _ALL),
    Row("api_schema", "GET", _ALL),
    Row("api_docs", "GET", _ALL),
    # Whoever has the link sees which workspace invites; accepting asks for its address.
    Row("invitation", "GET", _ALL),
    Row("invitation", "POST", dict.fromkeys(EVERYBODY, 200) | {ANONYMOUS: 200}),
)


def account(name: str, nobody: int, somebody: int) -> Row:
    """allauth's own pages."""
    return Row(
        name, "GET", dict.fromkeys((ANONYMOUS, *KEYS), nobody) | dict.fromkeys(BROWSERS, somebody)
    )


ACCOUNT_PAGES = (
    account("account_login", 200, 302),
    account("account_logout", 302, 200),
    account("account_inactive", 200, 200),
    account("account_signup", 200, 302),
    account("account_reauthenticate", 302, 200),
    account("account_email", 302, 200),
    account("account_email_verification_sent", 200, 200),
    account("account_change_password", 302, 200),
    account("account_set_password", 302, 302),
    account("account_reset_password", 200, 200),
    account("account_confirm_login_code", 302, 302),
    account("account_confirm_email", 200, 200),
    account("account_reset_password_from_key", 200, 200),
    account("account_reset_password_from_key_done", 200, 200),
    account("account_reset_password_done", 200, 200),
)

# Staff's site: what a URL does is said by how its name ends; the rest of it by name.
ADMIN_BY_ENDING = {"_changelist": 200, "_change": 200, "_history": 200, "_add": 403, "_delete": 403}
ADMIN_BY_NAME = {
    "index": 200,
    "search": 200,
    "login": 302,
    "billing_ledger_journal_deposit": 200,
    "logout": 405,
    "password_change": 302,
    "password_change_done": 200,
    "autocomplete": 403,
    "jsi18n": 200,
    "view_on_site": 404,
    "app_list": 200,
}
# Without a name: a redirect from <id>/ to <id>/change/, and the catch-all.
ADMIN_UNNAMED = 2

ROWS = (
    *MEMBER_PAGES,
    *DESK_PAGES,
    *WORKSPACE_API,
    *DESK_API,
    *SIGNED_IN_PAGES,
    *OPEN_TO_ALL,
    *ACCOUNT_PAGES,
)
