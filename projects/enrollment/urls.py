"""/work/: join a project, accept its guidelines, leave it; an annotator's tokens. /w/<slug>/: a project's places."""

from django.urls import path

from projects.enrollment import token_views, views
from projects.enrollment.places import own_views as own_places
from projects.enrollment.places import views as places

urlpatterns = [
    path("tokens/", token_views.tokens, name="tokens"),
    path("join/<uuid:project_id>/", views.join, name="join"),
    path("<uuid:enrollment_id>/guideline/", views.guideline, name="guideline"),
    path("<uuid:enrollment_id>/place/", own_places.own_place, name="own_place"),
    path("<uuid:enrollment_id>/place/leave/", own_places.leave, name="own_place_leave"),
    path("<uuid:enrollment_id>/place/rejoin/", own_places.rejoin, name="own_place_rejoin"),
    path("<uuid:enrollment_id>/place/reply/", own_places.reply, name="own_place_reply"),
]

workspace_urlpatterns = [
    path("projects/<uuid:project_id>/annotators/", places.places, name="places"),
    path(
        "projects/<uuid:project_id>/annotators/<slug:pseudonym>/place/", places.place, name="place"
    ),
]
