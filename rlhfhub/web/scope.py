"""Opens each request's transaction in the door plane and ends it before a page is rendered; errors roll it back."""

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.db import OperationalError, connection, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.http.request import UnreadablePostError
from django.template.response import TemplateResponse

from rlhfhub.tenancy import planes
from rlhfhub.web import bodies, topbar
from rlhfhub.web import views as errors


class ScopeMiddleware:
    """Gives each request one transaction, from when the view is known until before a `Page` is rendered.

    A view with the attribute `manages_scope` opens its own transactions, because it reads a long body first or needs no
    database.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with ExitStack() as stack:
            request.scope_stack = stack  # type: ignore[attr-defined]
            response = self.get_response(request)
            _judge(response)
        return response

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        if getattr(view, "manages_scope", False):
            return None
        if bodies.is_unmeasured(request):
            bodies.drain(request)
            return errors.length_required(request)
        # Read the whole body first, so that a slow sender holds no transaction and no form fills the disk.
        try:
            _ = request.body
        except RequestDataTooBig:
            bodies.drain(request)
            return errors.too_large(request)
        except UnreadablePostError:
            return HttpResponse(status=400)
        open_at_the_door(request.scope_stack)  # type: ignore[attr-defined]
        return None

    def process_template_response(
        self, request: HttpRequest, response: TemplateResponse
    ) -> TemplateResponse:
        """End the transaction before the page is rendered, so that formatting long texts holds no lock or snapshot."""
        if getattr(response, "renders_after_transaction", False):
            _ = request.user.is_authenticated  # load the user in the door plane: every page uses it
            topbar.fill(request, response)
            _judge(response)
            request.scope_stack.close()  # type: ignore[attr-defined]
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Respond 503 to a temporary failure, and roll everything back."""
        return errors.trouble(request, exception)


def _judge(response: HttpResponseBase) -> None:
    """Roll back the request's transaction for status 400 and above."""
    if connection.in_atomic_block and planes.standing().plane and response.status_code >= 400:
        transaction.set_rollback(True)


def open_at_the_door(stack: ExitStack) -> None:
    """Begin the transaction, with a new connection if the kept one died in a restart of the database."""
    was_kept = connection.connection is not None
    try:
        stack.enter_context(planes.at_door())
    except OperationalError:
        if connection.in_atomic_block or not was_kept:
            raise
        connection.close()
        stack.enter_context(planes.at_door())
