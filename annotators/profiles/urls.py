"""/terms/ for everybody; /work/profile/ and the acceptance of the terms for who has signed in."""

from django.urls import path

from annotators.profiles import views

door = [path("terms/", views.terms, name="terms")]

urlpatterns = [
    path("profile/", views.profile, name="profile"),
    path("terms/", views.accept_terms, name="accept_terms"),
]
