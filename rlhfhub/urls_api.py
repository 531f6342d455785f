"""URLs under /api/v1/. Those under desk/ are for an annotator's desk key, the others for a workspace's key."""

from django.urls import path

from annotators.profiles import api as profiles
from billing.accruals import api as accruals
from billing.bonuses import api as bonuses
from billing.deposits import api as deposits
from billing.deposits import refund_api
from billing.funding import api as funding
from billing.funding import reserve_api as reserve
from billing.funding import round_api as round_funding
from billing.payouts import api as payouts
from billing.readings import api as readings
from billing.recipients import api as recipients
from billing.statements.spend import api as spend
from projects.calibration.api import desk as own_calibration
from projects.calibration.api import members as calibration
from projects.enrollment import api as enrollment
from projects.enrollment import listing_api as listing
from projects.enrollment.states import api as states
from projects.exports import api as exports
from projects.items.api import batches, items, metadata
from projects.overview import api as overview
from projects.overview import keyed_api as keyed
from projects.plan import api as plan
from projects.plan import guidelines_api as guidelines
from projects.plan import prices_api as prices
from projects.quality.api import agreement, alerts, monitors, own, quality
from projects.review import urls_api as review
from projects.review.own import api as own_decisions
from projects.review.record import api as record
from projects.work import api as work
from projects.work import unanswered
from rlhfhub.api.about import Docs, SchemaFile
from rlhfhub.notices import api as notices
from rlhfhub.notices import mail_api as mails
from rlhfhub.tenancy.decorators import unscoped

workspace = [
    path("projects/", plan.Projects.as_view(), name="api_projects"),
    path("projects/<uuid:project>/", plan.OneProject.as_view(), name="api_project"),
    path("projects/<uuid:project>/reading/", readings.ReadingOf.as_view(), name="api_reading"),
    path("projects/<uuid:project>/top-ups/", bonuses.TopUps.as_view(), name="api_top_ups"),
    path("enrollments/<uuid:enrollment>/bonuses/", bonuses.Bonuses.as_view(), name="api_bonuses"),
    path("projects/<uuid:project>/prices/", prices.Prices.as_view(), name="api_prices"),
    path(
        "projects/<uuid:project>/guidelines/",
        guidelines.Guidelines.as_view(),
        name="api_guidelines",
    ),
    path(
        "projects/<uuid:project>/guidelines/<int:number>/",
        guidelines.OneGuideline.as_view(),
        name="api_guideline",
    ),
    path(
        "projects/<uuid:project>/guidelines/<int:number>/publish/",
        guidelines.PublishGuideline.as_view(),
        name="api_publish_guideline",
    ),
    path(
        "projects/<uuid:project>/requirement/",
        listing.OneRequirement.as_view(),
        name="api_requirement",
    ),
    path("projects/<uuid:project>/examples/", listing.Examples.as_view(), name="api_examples"),
    path("examples/<uuid:example>/", listing.OneExample.as_view(), name="api_example"),
    path(
        "projects/<uuid:project>/items/", overview.ProjectItems.as_view(), name="api_project_items"
    ),
    path("items/<uuid:item>/", overview.SingleItem.as_view(), name="api_item"),
    path("items/<uuid:item>/key/", keyed.PickItem.as_view(), name="api_pick_item"),
    path("projects/<uuid:project>/keys/", keyed.keys, name="api_keys"),
    path("keyed-items/<uuid:item>/", keyed.OneKeyedItem.as_view(), name="api_keyed_item"),
    path("keys/<uuid:key_id>/retire/", keyed.RetireKey.as_view(), name="api_retire_key"),
    path("keys/<uuid:key_id>/restore/", keyed.RestoreKey.as_view(), name="api_restore_key"),
    path(
        "projects/<uuid:project>/metadata-keys/",
        metadata.MetadataKeys.as_view(),
        name="api_metadata_keys",
    ),
    path("projects/<uuid:project>/batches/", batches.Batches.as_view(), name="api_batches"),
    path("batches/<uuid:batch>/", batches.OneBatch.as_view(), name="api_batch"),
    path("batches/<uuid:batch>/items/", items.items, name="api_items"),
    path("batches/<uuid:batch>/fund/", funding.Fund.as_view(), name="api_fund"),
    path(
        "batches/<uuid:batch>/more-answers/",
        funding.MoreAnswers.as_view(),
        name="api_more_answers",
    ),
    path("batches/<uuid:batch>/open/", batches.OpenBatch.as_view(), name="api_open_batch"),
    path("batches/<uuid:batch>/pause/", batches.PauseBatch.as_view(), name="api_pause_batch"),
    path("batches/<uuid:batch>/close/", batches.CloseBatch.as_view(), name="api_close_batch"),
    path(
        "batches/<uuid:batch>/consensus/",
        agreement.ConsensusOfItems.as_view(),
        name="api_consensus",
    ),
    path("projects/<uuid:project>/agreement/", agreement.Agreement.as_view(), name="api_agreement"),
    path(
        "projects/<uuid:project>/quality/", quality.QualityOfProject.as_view(), name="api_quality"
    ),
    path(
        "projects/<uuid:project>/annotators/",
        quality.Annotators.as_view(),
        name="api_annotators",
    ),
    path(
        "projects/<uuid:project>/enrollments/",
        states.ProjectEnrollments.as_view(),
        name="api_project_enrollments",
    ),
    path("enrollments/<uuid:enrollment>/", states.OneEnrollment.as_view(), name="api_enrollment"),
    path(
        "enrollments/<uuid:enrollment>/pause/",
        states.PauseEnrollment.as_view(),
        name="api_pause_enrollment",
    ),
    path(
        "enrollments/<uuid:enrollment>/end/",
        states.EndEnrollment.as_view(),
        name="api_end_enrollment",
    ),
    path(
        "enrollments/<uuid:enrollment>/resume/",
        states.ResumeEnrollment.as_view(),
        name="api_resume_enrollment",
    ),
    path(
        "enrollments/<uuid:enrollment>/restore/",
        states.RestoreEnrollment.as_view(),
        name="api_restore_enrollment",
    ),
    path("projects/<uuid:project>/alerts/", alerts.Alerts.as_view(), name="api_alerts"),
    path("alerts/<uuid:alert>/", alerts.OneAlert.as_view(), name="api_alert"),
    path("alerts/<uuid:alert>/answers/", alerts.AnswersOfAlert.as_view(), name="api_alert_answers"),
    path("alerts/<uuid:alert>/decide/", alerts.DecideAlert.as_view(), name="api_decide_alert"),
    path("projects/<uuid:project>/monitors/", monitors.Monitors.as_view(), name="api_monitors"),
    *review.urlpatterns,
    path("projects/<uuid:project>/exports/", exports.Exports.as_view(), name="api_exports"),
    path("exports/<uuid:export>/", exports.OneExport.as_view(), name="api_export"),
    path("exports/<uuid:export>/download/", exports.Download.as_view(), name="api_download"),
    path(
        "projects/<uuid:project>/calibration/",
        calibration.Calibration.as_view(),
        name="api_calibration",
    ),
    path("projects/<uuid:project>/rounds/", calibration.Rounds.as_view(), name="api_rounds"),
    path("rounds/<uuid:round>/", calibration.OneRound.as_view(), name="api_round"),
    path("rounds/<uuid:round>/attempts/", calibration.Attempts.as_view(), name="api_attempts"),
    path(
        "rounds/<uuid:round>/disagreements/",
        calibration.DisagreementsOfRound.as_view(),
        name="api_disagreements",
    ),
    path("rounds/<uuid:round>/fund/", round_funding.FundRound.as_view(), name="api_fund_round"),
    path("rounds/<uuid:round>/close/", calibration.CloseRound.as_view(), name="api_close_round"),
    path(
        "rounds/<uuid:round>/override/",
        calibration.OverrideGate.as_view(),
        name="api_override_gate",
    ),
    path("batches/<uuid:batch>/reserve/", reserve.TopUp.as_view(), name="api_top_up"),
    path("batches/<uuid:batch>/costs/", spend.BatchCosts.as_view(), name="api_batch_costs"),
    path("projects/<uuid:project>/costs/", spend.ProjectCosts.as_view(), name="api_project_costs"),
    path("spend/", spend.SpendView.as_view(), name="api_spend"),
    path("deposits/", deposits.Deposits.as_view(), name="api_deposits"),
    path("deposits/<uuid:deposit>/", deposits.OneDeposit.as_view(), name="api_deposit"),
    path("deposits/<uuid:deposit>/cancel/", deposits.Cancel.as_view(), name="api_cancel_deposit"),
    path("refunds/", refund_api.Refunds.as_view(), name="api_refunds"),
    path("refunds/<uuid:refund>/", refund_api.OneRefund.as_view(), name="api_refund"),
    path("balance/", funding.Balance.as_view(), name="api_balance"),
]

desk = [
    path("desk/lease/", work.Lease.as_view(), name="api_lease"),
    path("desk/leases/<uuid:lease_id>/submit/", work.Submit.as_view(), name="api_submit"),
    path("desk/leases/<uuid:lease_id>/return/", work.Return.as_view(), name="api_return"),
    path("desk/leases/<uuid:lease_id>/draft/", work.Draft.as_view(), name="api_draft"),
    path("desk/profile/", profiles.OwnProfile.as_view(), name="api_own_profile"),
    path("desk/terms/", profiles.TermsInForce.as_view(), name="api_terms"),
    path("desk/projects/<uuid:project>/", listing.Listing.as_view(), name="api_listing"),
    path("desk/enrollments/", enrollment.Enrollments.as_view(), name="api_enrollments"),
    path(
        "desk/enrollments/<uuid:enrollment>/guideline/",
        enrollment.ReadGuideline.as_view(),
        name="api_read_guideline",
    ),
    path(
        "desk/enrollments/<uuid:enrollment>/accept-guideline/",
        enrollment.AcceptGuideline.as_view(),
        name="api_accept_guideline",
    ),
    path(
        "desk/enrollments/<uuid:enrollment>/calibration/",
        own_calibration.OwnCalibration.as_view(),
        name="api_own_calibration",
    ),
    path(
        "desk/enrollments/<uuid:enrollment>/calibration/<uuid:attempt>/",
        own_calibration.OwnFeedback.as_view(),
        name="api_own_feedback",
    ),
    path(
        "desk/enrollments/<uuid:enrollment>/calibration/retake/",
        own_calibration.Retake.as_view(),
        name="api_retake",
    ),
    path("desk/enrollments/<uuid:enrollment>/how-i-do/", own.HowIDo.as_view(), name="api_how_i_do"),
    path(
        "desk/enrollments/<uuid:enrollment>/alerts/<uuid:alert>/reply/",
        own.Reply.as_view(),
        name="api_reply",
    ),
    path(
        "desk/enrollments/<uuid:enrollment>/", states.OwnState.as_view(), name="api_own_enrollment"
    ),
    path(
        "desk/enrollments/<uuid:enrollment>/unanswered/",
        unanswered.Unanswered.as_view(),
        name="api_unanswered",
    ),
    path("desk/enrollments/<uuid:enrollment>/leave/", states.Leave.as_view(), name="api_leave"),
    path("desk/enrollments/<uuid:enrollment>/rejoin/", states.Rejoin.as_view(), name="api_rejoin"),
    path(
        "desk/enrollments/<uuid:enrollment>/reply/",
        states.ReplyToStop.as_view(),
        name="api_reply_to_stop",
    ),
    path("desk/record/", record.DeskRecord.as_view(), name="api_desk_record"),
    path("desk/decisions/", own_decisions.OwnDecisions.as_view(), name="api_own_decisions"),
    path(
        "desk/annotations/<uuid:annotation>/",
        own_decisions.OwnAnnotation.as_view(),
        name="api_own_annotation",
    ),
    path(
        "desk/annotations/<uuid:annotation>/appeal/",
        own_decisions.MakeAppeal.as_view(),
        name="api_appeal",
    ),
    path(
        "desk/annotations/<uuid:annotation>/revise/",
        own_decisions.Revise.as_view(),
        name="api_revise",
    ),
    path("desk/notices/", notices.Notices.as_view(), name="api_notices"),
    path("desk/notices/read/", notices.ReadNotices.as_view(), name="api_read_notices"),
    path("desk/mails/", mails.OwnMails.as_view(), name="api_own_mails"),
    path("desk/quiet-hours/", mails.OwnQuietHours.as_view(), name="api_own_quiet_hours"),
    path("desk/earnings/", accruals.Earnings.as_view(), name="api_earnings"),
    path("desk/payouts/", payouts.Payouts.as_view(), name="api_payouts"),
    path("desk/how-paid/", recipients.HowPaid.as_view(), name="api_how_paid"),
]

about = [
    path("schema/", unscoped(SchemaFile.as_view()), name="api_schema"),
    path("docs/", unscoped(Docs.as_view()), name="api_docs"),
]

# The desk's URLs come first, because they are called most often.
urlpatterns = [*desk, *workspace, *about]
