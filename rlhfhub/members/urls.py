"""The start page, invitations, and a workspace's members and keys."""

from django.urls import path

from rlhfhub.members import views
from rlhfhub.members.reading import reading
from rlhfhub.members.sides import side

door = [
    path("", views.home, name="home"),
    path("workspaces/new/", views.workspace_new, name="workspace_new"),
    path("reading/", reading, name="reading"),
    path("side/", side, name="side"),
    path("invitations/<str:token>/", views.invitation, name="invitation"),
]

urlpatterns = [
    path("members/", views.members, name="members"),
    path("keys/", views.keys, name="keys"),
]
