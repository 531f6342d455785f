"""The pages of a person's notices: the list, the choice of mails, and the page to unsubscribe. Door plane."""

import uuid

from django.conf import settings as options
from django.contrib import messages
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import resolve, reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods

from rlhfhub.ground.numbers import whole
from rlhfhub.notices import quiet, selectors, services
from rlhfhub.notices.letters import UNSUBSCRIBE
from rlhfhub.notices.topics import How, Topic
from rlhfhub.tenancy.decorators import PersonRequest, signed_in
from rlhfhub.tenancy.selectors import membership_of
from rlhfhub.web import listing
from rlhfhub.web.pages import Page, go, named_id, refusals_as_messages
from rlhfhub.web.queries import takes

form_methods = require_http_methods(["GET", "POST"])


@takes("cursor", "topic", "unread")
@form_methods
@signed_in
def notices(request: PersonRequest) -> HttpResponse:
    """List the person's notices, newest first. A POST marks one as read, or all that the page has shown."""
    if request.method == "POST":
        _read(request)
        return go(request, request.get_full_path())
    topic = request.GET.get("topic")
    if topic not in {None, *Topic.values}:
        raise Http404
    found = selectors.notices_of(
        request.user.pk,
        topic=topic,
        is_unread=_is_unread(request),
        before=listing.cursor_of(request),
        most=listing.SIZE + 1,
    )
    context = {
        "listing": listing.cut(found, request, key=lambda one: one.id),
        "unread": selectors.unread_of(request.user.pk),
        "topics": Topic.choices,
        "topic": topic,
        "is_unread": _is_unread(request),
        "nav": "notices",
    }
    return Page(request, "rlhfhub/notices/notices.html", context)


def _is_unread(request: PersonRequest) -> bool:
    only = request.GET.get("unread", "")
    if only not in {"", "1"}:
        raise Http404
    return bool(only)


def _read(request: PersonRequest) -> None:
    if until := request.POST.get("until"):
        services.read_until(person_id=request.user.pk, notice_id=named_id(until))
    else:
        one = named_id(request.POST.get("notice"))
        services.read(person_id=request.user.pk, notice_ids=[one])


@require_GET
@signed_in
def notice(request: PersonRequest, notice_id: uuid.UUID) -> HttpResponse:
    """Mark a notice as read and go where it leads. Show it by itself to who has left the workspace since."""
    found = selectors.notice_of(request.user.pk, notice_id)
    if found is None:
        raise Http404
    services.read(person_id=request.user.pk, notice_ids=[notice_id])
    if _has_left(request, found.words.path):
        return Page(request, "rlhfhub/notices/closed.html", {"one": found, "nav": "notices"})
    return redirect(found.words.path)


def _has_left(request: PersonRequest, path: str) -> bool:
    """Return whether the path is in a workspace of which the person is no member any more."""
    slug = resolve(path.partition("#")[0].partition("?")[0]).kwargs.get("slug")
    return slug is not None and membership_of(request.user.pk, slug) is None


@form_methods
@signed_in
def settings(request: PersonRequest) -> HttpResponse:
    """Choose for each topic whether mails come at once, once a day or not at all; and the hours without mails."""
    if request.method == "POST":
        if "time_zone" in request.POST:
            return _be_quiet(request)
        with refusals_as_messages(request):
            for topic in Topic.values:
                if how := request.POST.get(topic):
                    services.prefer(person_id=request.user.pk, topic=topic, how=how)
            messages.success(request, "Your choice is saved.")
        return go(request, reverse("notice_settings"))
    context = {
        "choices": selectors.choices_of(request.user.pk),
        "ways": How.choices,
        "daily_hour": options.NOTICE_DAILY_HOUR,
        "quiet": quiet.quiet_of(request.user.pk),
        "zones": quiet.ZONES,
        "hours": range(24),
        "nav": "notices",
    }
    return Page(request, "rlhfhub/notices/settings.html", context)


def _be_quiet(request: PersonRequest) -> HttpResponse:
    """Save the quiet hours in the POST, or end them."""
    if request.POST.get("quiet") == "off":
        quiet.end_quiet(person_id=request.user.pk)
        messages.success(request, "Mails come at any hour.")
        return go(request, reverse("notice_settings"))
    from_hour, to_hour = (whole(request.POST.get(name)) for name in ("from_hour", "to_hour"))
    with refusals_as_messages(request):
        quiet.be_quiet(
            person_id=request.user.pk,
            from_hour=-1 if from_hour is None else from_hour,
            to_hour=-1 if to_hour is None else to_hour,
            time_zone=request.POST["time_zone"],
        )
        messages.success(request, "Your quiet hours are saved.")
    return go(request, reverse("notice_settings"))


@csrf_exempt
@form_methods
def unsubscribe(request: HttpRequest, signed: str) -> HttpResponse:
    """Switch mails about some topics off for the person whom the signed link names. Nobody has to be signed in.

    A GET, which mail programs and scanners send by themselves, only shows what a POST would do.
    """
    try:
        named = signing.loads(signed, salt=UNSUBSCRIBE)
    except signing.BadSignature as error:
        raise Http404 from error
    topics = [Topic(topic) for topic in named["topics"]]
    if request.method == "POST":
        for topic in topics:
            services.prefer(person_id=uuid.UUID(named["person"]), topic=topic, how=How.OFF)
    context = {
        "topics": [topic.label for topic in topics],
        "is_done": request.method == "POST",
    }
    return Page(request, "rlhfhub/notices/unsubscribe.html", context)
