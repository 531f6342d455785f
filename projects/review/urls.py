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
    path(
        "projects/<uuid:project_id>/review/<uuid:annotation_id>/return/",
        views.review_return,
        name="review_return",
    ),
    path(
        "projects/<uuid:project_id>/review/<uuid:annotation_id>/reject/",
        views.review_reject,
        name="review_reject",
    ),
    path("projects/<uuid:project_id>/rejections/", views.rejections, name="rejections"),
]
