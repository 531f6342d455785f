"""/w/<slug>/projects/<project>/review/."""

from django.urls import path

from projects.review import views

urlpatterns = [path("projects/<uuid:project_id>/review/", views.review, name="review")]
