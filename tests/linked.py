"""Accounts that share a device, and staff who link them."""

from django.http import HttpRequest, HttpResponse

from rlhfhub.tenancy import devices, pairs, planes
from rlhfhub.tenancy.models import AccountPair, User
from rlhfhub.tenancy.planes import Plane
from tests.people import make_user


def share_a_device(*users: User) -> None:
    """Let these people sign in with one browser, one after the other."""
    request = HttpRequest()
    for user in users:
        response = HttpResponse()
        with planes.at_door():
            devices.remember(request, response, user)
        request.COOKIES[devices.COOKIE] = response.cookies[devices.COOKIE].value


def decide_pair(one: User, other: User, *, linked: bool) -> AccountPair:
    """Let staff decide on the pair of these accounts."""
    staff = make_user("Staff", is_staff=True)
    first, second = sorted((one, other), key=lambda user: user.pk)
    with planes.entered(Plane.STAFF, person=staff.pk):
        pair = AccountPair.objects.get(one=first, other=second)
        note = "The same name and the same bank."
        return pairs.decide(pair_id=pair.pk, linked=linked, note=note, staff_id=staff.pk)


def link(one: User, other: User) -> AccountPair:
    """Let two people sign in with one device, and staff link their accounts."""
    share_a_device(one, other)
    return decide_pair(one, other, linked=True)
