"""/work/: join a project, accept its guidelines; an annotator's tokens for REST."""

from django.urls import path

from projects.enrollment import token_views, views

urlpatterns = [
    path("tokens/", token_views.tokens, name="tokens"),
    path("join/<uuid:project_id>/", views.join, name="join"),
    path("<uuid:enrollment_id>/guideline/", views.guideline, name="guideline"),
]
