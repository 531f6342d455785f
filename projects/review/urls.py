"""/w/<slug>/projects/<project>/review/."""

from django.urls import path

from projects.review import views

urlpatterns = [
    path("projects/<uuid:project_id>/review/", views.review, name="review"),
    path(
        "projects/<uuid:project_id>/review/<uuid:annotation_id>/",
        views.review_one,
        name="review_one",
    ),
]
