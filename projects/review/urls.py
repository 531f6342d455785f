"""/w/<slug>/projects/<project>/review/ and items/<item>/final-answer/ for members; /work/<enrollment>/ for others."""

from django.urls import path

from projects.review import views
from projects.review.adjudication import views as adjudication
from projects.review.bulk import views as bulk
from projects.review.children import views as children
from projects.review.own import views as own
from projects.review.queue import views as queue
from projects.review.samples import views as samples

urlpatterns = [
    path("projects/<uuid:project_id>/review/", queue.review, name="review"),
    path(
        "projects/<uuid:project_id>/review/bulk/<uuid:bulk_id>/undo/",
        bulk.bulk_undo,
        name="bulk_undo",
    ),
    path("projects/<uuid:project_id>/review/samples/", samples.samples, name="samples"),
    path(
        "projects/<uuid:project_id>/review/samples/draw/", samples.sample_draw, name="sample_draw"
    ),
    path(
        "projects/<uuid:project_id>/review/samples/<uuid:sample_id>/",
        samples.sample,
        name="sample",
    ),
    path(
        "projects/<uuid:project_id>/review/samples/<uuid:sample_id>/more/",
        samples.sample_more,
        name="sample_more",
    ),
    path(
        "projects/<uuid:project_id>/review/samples/<uuid:sample_id>/accept/",
        samples.sample_accept,
        name="sample_accept",
    ),
    path(
        "projects/<uuid:project_id>/review/<uuid:annotation_id>/",
        views.review_one,
        name="review_one",
    ),
    path(
        "projects/<uuid:project_id>/review/<uuid:annotation_id>/accept/",
        queue.review_accept,
        name="review_accept",
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
    path("items/<uuid:item_id>/final-answer/", adjudication.final_answer, name="final_answer"),
    path(
        "items/<uuid:item_id>/final-answer/withdraw/",
        adjudication.withdraw_final_answer,
        name="withdraw_final_answer",
    ),
    path("batches/<uuid:batch_id>/paid-review/", children.paid_review, name="paid_review"),
]

desk_urlpatterns = [
    path("<uuid:enrollment_id>/decisions/", own.decisions, name="own_decisions"),
    path("<uuid:enrollment_id>/decisions/<uuid:annotation_id>/", own.decision, name="own_decision"),
    path(
        "<uuid:enrollment_id>/decisions/<uuid:annotation_id>/appeal/", own.appeal, name="own_appeal"
    ),
    path("<uuid:enrollment_id>/revise/<uuid:annotation_id>/", own.revise, name="own_revise"),
]
