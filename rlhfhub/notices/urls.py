"""/notices/: a person's notices and how they want mails, whatever workspaces they are in."""

from django.urls import path

from rlhfhub.notices import views

urlpatterns = [
    path("", views.notices, name="notices"),
    path("settings/", views.settings, name="notice_settings"),
    path("unsubscribe/<str:signed>/", views.unsubscribe, name="unsubscribe"),
    path("<uuid:notice_id>/", views.notice, name="notice"),
]
