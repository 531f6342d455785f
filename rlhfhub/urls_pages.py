"""The pages' URLs: /w/<slug>/ for members, /work/ and /earnings/ for annotators, the rest in the door plane."""

from django.urls import include, path

from annotators.profiles import urls as profiles
from billing.accruals import urls as accruals
from billing.bonuses import urls as bonuses
from billing.deposits import urls as deposits
from billing.funding import urls as funding
from billing.ledger import urls as ledger
from billing.payouts import urls as payouts
from billing.readings import urls as readings
from billing.recipients import urls as recipients
from billing.statements import urls as statements
from billing.statements.spend import urls as spend
from projects.calibration import urls as calibration
from projects.enrollment import urls as enrollment
from projects.exports import urls as exports
from projects.items import urls as items
from projects.overview import urls as overview
from projects.plan import urls as plan
from projects.quality import urls as quality
from projects.review import urls as review
from projects.work import urls as work
from rlhfhub.members import urls as members
from rlhfhub.notices import urls as notices
from rlhfhub.tenancy.staff import site as staff

workspace = [
    *members.urlpatterns,
    *plan.urlpatterns,
    *items.urlpatterns,
    *enrollment.workspace_urlpatterns,
    *calibration.urlpatterns,
    *review.urlpatterns,
    *quality.urlpatterns,
    *exports.urlpatterns,
    *overview.urlpatterns,
    *ledger.urlpatterns,
    *deposits.urlpatterns,
    *funding.urlpatterns,
    *bonuses.urlpatterns,
    *readings.urlpatterns,
    *spend.urlpatterns,
]

urlpatterns = [
    *members.door,
    *profiles.door,
    path("notices/", include(notices.urlpatterns)),
    path("w/<slug:slug>/", include(workspace)),
    path(
        "work/",
        include(
            profiles.urlpatterns
            + enrollment.urlpatterns
            + work.urlpatterns
            + calibration.desk
            + review.desk_urlpatterns
            + quality.desk_urlpatterns
        ),
    ),
    *recipients.urlpatterns,
    *payouts.urlpatterns,
    *accruals.urlpatterns,
    *statements.urlpatterns,
    path("admin/", staff.urls),
]
