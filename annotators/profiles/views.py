"""The pages of a person's own profile, and of the terms that they accept."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from annotators.profiles import rails, selectors, services
from annotators.profiles.forms import ProfileForm
from annotators.profiles.models import DOCUMENTS, Terms
from annotators.profiles.readiness import no_rail, unmet_for_pay
from rlhfhub.ground.numbers import whole
from rlhfhub.tenancy import planes
from rlhfhub.tenancy.decorators import PersonRequest, signed_in
from rlhfhub.web.pages import Page, form_page, go, refusals_as_messages, refusals_on
from rlhfhub.web.queries import takes


@takes("next")
@require_http_methods(["GET", "POST"])
@signed_in
def profile(request: PersonRequest) -> HttpResponse:
    """Show and save the person's profile. Who has not accepted the terms goes on to them, others to `next`."""
    with planes.at_desk(request.user.pk):
        person = selectors.person(request.user.pk)
        form = ProfileForm(request.POST if request.method == "POST" else None, person=person)
        if form.is_valid():
            with refusals_on(form):
                services.save_profile(person_id=request.user.pk, **form.cleaned_data)
        if form.is_valid():
            messages.success(request, "Your profile is saved. It holds from your next item on.")
            _tell_of_rail(request)
            return go(
                request, _after_profile(request, has_accepted=person.acceptance_id is not None)
            )
    context = {
        "form": form,
        "person": person,
        "unmet": unmet_for_pay(person),
        "as_of": rails.AS_OF,
        "next": _wanted(request),
        "nav": "profile",
    }
    return form_page(request, "annotators/profiles/profile.html", form, context)


@takes("next")
@require_GET
def terms(request: HttpRequest) -> HttpResponse:
    """Show the terms in force to everybody; who has signed in can accept them."""
    shown, accepted, changed = selectors.terms_in_force(), None, list[str]()
    if request.user.is_authenticated:
        with planes.at_desk(request.user.pk):
            accepted = selectors.last_accepted(request.user.pk)
            changed = selectors.changed_since(accepted, shown)
    context = {
        "terms": shown,
        "documents": _documents(shown, changed),
        "accepted": accepted,
        "is_accepted": accepted is not None and accepted.number == shown.number,
        "next": _wanted(request),
        "nav": "terms",
    }
    return Page(request, "annotators/profiles/terms.html", context)


@require_POST
@signed_in
def accept_terms(request: PersonRequest) -> HttpResponse:
    """Record that the person accepts the version of the terms that the form names, with a tick for each document."""
    to = _terms_on_the_way_to(_wanted(request))
    with planes.at_desk(request.user.pk), refusals_as_messages(request):
        number = whole(request.POST.get("number")) or 0
        ticked = {name for name in DOCUMENTS if name in request.POST}
        services.accept_terms(person_id=request.user.pk, number=number, documents=ticked)
        messages.success(request, "You have accepted the terms.")
        to = _wanted(request) or reverse("work_home")
    return go(request, to)


def _documents(shown: Terms, changed: list[str]) -> list[dict[str, object]]:
    """Return name, title and text of the three documents, and whether each has changed since it was accepted."""
    return [
        {
            "name": name,
            "title": title,
            "text": getattr(shown, name),
            "is_changed": name in changed,
        }
        for name, title in DOCUMENTS.items()
    ]


def _tell_of_rail(request: PersonRequest) -> None:
    """Say at once that nobody can be paid in the country of the saved profile. Annotator plane."""
    saved = selectors.person(request.user.pk)
    if saved.country and not saved.has_rail:
        messages.warning(request, no_rail(saved.country))


def _after_profile(request: HttpRequest, *, has_accepted: bool) -> str:
    wanted = _wanted(request)
    if has_accepted:
        return wanted or reverse("work_home")
    return _terms_on_the_way_to(wanted)


def _terms_on_the_way_to(wanted: str) -> str:
    return reverse("terms", query={"next": wanted} if wanted else None)


def _wanted(request: HttpRequest) -> str:
    """Return the path on this site that the person is on the way to; empty if none is named."""
    path = request.POST.get("next") or request.GET.get("next", "")
    return path if url_has_allowed_host_and_scheme(path, allowed_hosts=None) else ""
