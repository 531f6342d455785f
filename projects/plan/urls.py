"""/w/<slug>/projects/…: create a project, and its guidelines."""

from django.urls import path

from projects.plan import views

urlpatterns = [
    path("projects/new/", views.project_new, name="project_new"),
    path("projects/<uuid:project_id>/guidelines/", views.guidelines, name="guidelines"),
    path("projects/<uuid:project_id>/watch/", views.watch, name="project_watch"),
]
