"""A page and its part: a browser gets the whole page, htmx the part that it includes.

And what forms do when a verb refuses.
"""

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
    """A page that is rendered when its transaction is over (ScopeMiddleware ends it): its context is read by then.

    Its texts share one budget of time. A template that asks the database raises.
    """

    renders_after_transaction = True

    @property
    def rendered_content(self) -> str:
        with markdown.page(), connection.execute_wrapper(_refuse_query):
            return super().rendered_content


def _refuse_query(*_: Any) -> Any:
    raise RuntimeError("a page's template asks the database: the view must read what it shows")


def wants_part(request: HttpRequest) -> bool:
    """Whether htmx asks, and for less than a whole page."""
    htmx = request.htmx  # type: ignore[attr-defined]
    return bool(htmx) and not htmx.boosted and not htmx.history_restore_request


def page_or_partial(
    request: HttpRequest, page: str, partial: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """The template `page`, or for htmx its part `partial`, with the same context."""
    if wants_part(request):
        return part(request, partial, context, status=status)
    return _told_apart(Page(request, page, context, status=status))


def part(
    request: HttpRequest, partial: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """A part alone, as polling asks for it."""
    return _told_apart(Page(request, partial, context, status=status))


def _told_apart(response: HttpResponse) -> HttpResponse:
    # One address answers with a page or a part: no cache may give one for the other.
    patch_vary_headers(response, ["HX-Request"])
    response["Cache-Control"] = "no-store"
    return response


def go(request: HttpRequest, to: str) -> HttpResponse:
    """After a POST that was taken: on to the address `to`."""
    if wants_part(request):
        return HttpResponseClientRedirect(to)
    return HttpResponseRedirect(to, status=303)


def form_page(
    request: HttpRequest, page: str, form: forms.Form, context: dict[str, Any]
) -> HttpResponse:
    """A page with a form, whose answer may show a secret once: no cache keeps it. 422 where the form is wrong."""
    response = Page(request, page, context, status=422 if form.errors else 200)
    response["Cache-Control"] = "no-store"
    return response


def named_id(value: object) -> uuid.UUID:
    """The id that a form or query names; what is none is 404, as one that does not exist."""
    try:
        return uuid.UUID(str(value))
    except ValueError as error:
        raise Http404 from error


@contextmanager
def refusals_on(form: forms.Form) -> Iterator[None]:
    """Run a verb in a savepoint. A refusal undoes it and stands on the form, at the field it names.

    Afterwards `form.is_valid()` says whether the verb was done. Somebody else's object is 404, as ever.
    """
    try:
        with transaction.atomic():
            yield
    except Refused as refused:
        if refused.status == 404:
            raise Http404 from refused
        stand(form, refused)


def stand(form: forms.Form, refused: Refused) -> None:
    """Put a refusal's words where the person who filled the form looks; `form.called` translates names."""
    is_told = False
    for error in refused.errors:
        field = getattr(form, "called", {}).get(error["field"], error["field"])
        if field in form.fields:
            form.add_error(field, _sentence(error["message"]))
            is_told = True
    if not is_told:
        form.add_error(None, _sentence(refused.detail))


@contextmanager
def refusals_told(request: HttpRequest) -> Iterator[None]:
    """Run a verb in a savepoint. A refusal undoes it and is told on the next page."""
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
    """What every page of a workspace shows: where one is, and what one may do (`can.edit`, by Capability's words)."""
    member = request.member  # type: ignore[attr-defined]
    can = {capability.value: member.may(capability) for capability in Capability}
    return {"workspace": member.workspace, "member": member, "can": can, "nav": nav}
