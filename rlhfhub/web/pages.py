"""Pages and their parts (a browser gets the whole page, htmx a part of it), and forms whose service refuses."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django import forms
from django.contrib import messages
from django.db import connection, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.cache import patch_vary_headers
from django_htmx.http import HttpResponseClientRedirect

from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy.roles import Capability
from rlhfhub.web import markdown


class Page(TemplateResponse):
    """A page that is rendered after ScopeMiddleware has ended its transaction, so its context must be read before.

    Its texts share one time limit. A query in the template raises RuntimeError. `has_topbar` is false for a part, and
    for a page with a head of its own.
    """

    renders_after_transaction = True
    has_topbar = True

    @property
    def rendered_content(self) -> str:
        with markdown.page(), connection.execute_wrapper(_refuse_query):
            return super().rendered_content


def _refuse_query(*_: Any) -> Any:
    raise RuntimeError("a page's template asks the database: the view must read what it shows")


def wants_part(request: HttpRequest) -> bool:
    """Return whether htmx requests a part of a page and not a whole page."""
    htmx = request.htmx  # type: ignore[attr-defined]
    return bool(htmx) and not htmx.boosted and not htmx.history_restore_request


def page_or_partial(
    request: HttpRequest,
    page: str,
    partial: str,
    context: dict[str, Any],
    *,
    status: int = 200,
    has_topbar: bool = True,
) -> HttpResponse:
    """Render the template `page`, or its part `partial` for htmx, with the same context.

    With `has_topbar=False`, the page has a head of its own, and nothing is read for the site's.
    """
    if wants_part(request):
        return part(request, partial, context, status=status)
    response = Page(request, page, context, status=status)
    response.has_topbar = has_topbar
    return _vary_on_htmx(response)


def part(
    request: HttpRequest, partial: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """Render only a part, for polling."""
    response = Page(request, partial, context, status=status)
    response.has_topbar = False
    return _vary_on_htmx(response)


def _vary_on_htmx(response: HttpResponse) -> HttpResponse:
    # One URL returns a page or a part: a cache must not mix them up.
    patch_vary_headers(response, ["HX-Request"])
    response["Cache-Control"] = "no-store"
    return response


def go(request: HttpRequest, to: str) -> HttpResponse:
    """Redirect to `to` after a successful POST."""
    if wants_part(request):
        return HttpResponseClientRedirect(to)
    return HttpResponseRedirect(to, status=303)


def form_page(
    request: HttpRequest, page: str, form: forms.Form, context: dict[str, Any]
) -> HttpResponse:
    """Render a page with a form: 422 when the form is wrong. Never cached, because it may show a secret once."""
    response = Page(request, page, context, status=422 if form.errors else 200)
    response["Cache-Control"] = "no-store"
    return response


def named_id(value: object) -> uuid.UUID:
    """Return the id that a form or query names. Raises Http404 for text that is no id, as for an unknown one."""
    try:
        return uuid.UUID(str(value))
    except ValueError as error:
        raise Http404 from error


@contextmanager
def refusals_on(form: forms.Form) -> Iterator[None]:
    """Run a service in a savepoint. A refusal rolls it back and is shown on the form, at the field it names.

    Afterwards `form.is_valid()` tells whether the service succeeded. A refusal with status 404 is raised as Http404.
    """
    try:
        with transaction.atomic():
            yield
    except Refused as refused:
        if refused.status == 404:
            raise Http404 from refused
        add_refusal_to_form(form, refused)


def add_refusal_to_form(form: forms.Form, refused: Refused) -> None:
    """Attach each error of a refusal to the form field it names; `form.called` maps the service's names to fields."""
    is_attached = False
    for error in refused.errors:
        field = getattr(form, "called", {}).get(error["field"], error["field"])
        if field in form.fields:
            form.add_error(field, _sentence(error["message"]))
            is_attached = True
    if not is_attached:
        form.add_error(None, _sentence(refused.detail))


def focus_first_error(form: forms.Form) -> None:
    """Let the page begin at the first field of the form that is wrong, if one is."""
    for name, field in form.fields.items():
        if name in form.errors:
            field.widget.attrs["autofocus"] = True
            return


@contextmanager
def refusals_as_messages(request: HttpRequest) -> Iterator[None]:
    """Run a service in a savepoint. A refusal rolls it back and is shown as a message on the next page."""
    try:
        with transaction.atomic():
            yield
    except Refused as refused:
        if refused.status == 404:
            raise Http404 from refused
        messages.error(request, _sentence(refused.detail))


def _sentence(text: str) -> str:
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "!", "?", "…")) else text + "."


def workspace_context(request: HttpRequest, nav: str) -> dict[str, Any]:
    """Return the context of every workspace page: the workspace, the current place, and the member's capabilities.

    `can.edit` is true if the member has Capability.EDIT, and likewise for the others.
    """
    member = request.member  # type: ignore[attr-defined]
    can = {capability.value: member.may(capability) for capability in Capability}
    return {"workspace": member.workspace, "member": member, "can": can, "nav": nav}
