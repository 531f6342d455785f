"""URLs of review under /api/v1/: answers and decisions, the queue, bulk accepts, samples, final answers, reviews."""

from django.urls import path

from projects.review import api as review
from projects.review import refusing_api as refusing
from projects.review.adjudication import api as adjudication
from projects.review.bulk import api as bulk
from projects.review.children import api as paid_reviews
from projects.review.queue import api as queue
from projects.review.record import api as record
from projects.review.samples import api as samples

urlpatterns = [
    path(
        "projects/<uuid:project>/annotations/", review.Annotations.as_view(), name="api_annotations"
    ),
    path("projects/<uuid:project>/queue/", queue.QueueOfProject.as_view(), name="api_queue"),
    path(
        "projects/<uuid:project>/bulk-accepts/", bulk.BulkAccepts.as_view(), name="api_bulk_accepts"
    ),
    path(
        "bulk-accepts/<uuid:bulk_accept>/undo/",
        bulk.UndoBulkAccept.as_view(),
        name="api_undo_bulk_accept",
    ),
    path(
        "projects/<uuid:project>/sample-checks/",
        samples.SampleChecks.as_view(),
        name="api_sample_checks",
    ),
    path(
        "sample-checks/<uuid:sample_check>/",
        samples.OneSampleCheck.as_view(),
        name="api_sample_check",
    ),
    path(
        "sample-checks/<uuid:sample_check>/more/",
        samples.MoreOfSample.as_view(),
        name="api_more_of_sample",
    ),
    path(
        "sample-checks/<uuid:sample_check>/accept/",
        samples.RestOfSample.as_view(),
        name="api_rest_of_sample",
    ),
    path("annotations/accept/", review.AcceptMany.as_view(), name="api_accept_many"),
    path("annotations/<uuid:annotation>/accept/", review.AcceptOne.as_view(), name="api_accept"),
    path(
        "annotations/<uuid:annotation>/return/", refusing.ReturnOne.as_view(), name="api_return_one"
    ),
    path("annotations/<uuid:annotation>/reject/", refusing.RejectOne.as_view(), name="api_reject"),
    path(
        "projects/<uuid:project>/rejections/", refusing.Rejections.as_view(), name="api_rejections"
    ),
    path(
        "items/<uuid:item>/adjudications/",
        adjudication.ItemAdjudications.as_view(),
        name="api_item_adjudications",
    ),
    path(
        "items/<uuid:item>/adjudications/withdraw/",
        adjudication.WithdrawAdjudication.as_view(),
        name="api_withdraw_adjudication",
    ),
    path(
        "projects/<uuid:project>/adjudications/",
        adjudication.Adjudications.as_view(),
        name="api_adjudications",
    ),
    path("record/", record.OwnRecord.as_view(), name="api_record"),
    path(
        "batches/<uuid:batch>/paid-review/",
        paid_reviews.PaidReview.as_view(),
        name="api_paid_review",
    ),
    path(
        "annotations/<uuid:annotation>/verdicts/",
        paid_reviews.Verdicts.as_view(),
        name="api_verdicts",
    ),
]
