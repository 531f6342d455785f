"""The Celery app. AppConfig.ready() imports it, so that web processes enqueue to the right broker."""

from celery import Celery
from celery.schedules import crontab
from kombu.entity import Exchange, Queue

from rlhfhub.queues import QUEUES, route

app = Celery("rlhfhub")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.task_routes = [route]
# A worker started without -Q serves all queues.
app.conf.task_queues = [
    Queue(
        queue.name,
        Exchange(queue.name),
        routing_key=queue.name,
        queue_arguments={"x-queue-type": app.conf.task_default_queue_type},
    )
    for queue in QUEUES
]
# A worker judges by its own clock whether a message has expired, so the margin allows a minute of clock difference.
app.conf.beat_schedule = {
    "dispatch events": {"task": "events.dispatch", "schedule": 1.0, "options": {"expires": 60}},
    "expire leases": {"task": "work.expire_leases", "schedule": 5.0, "options": {"expires": 60}},
    "accept by the clock": {
        "task": "review.accept_due",
        "schedule": 20.0,
        "options": {"expires": 60},
    },
    "apply bulk accepts": {
        "task": "review.apply_bulk_accepts",
        "schedule": 10.0,
        "options": {"expires": 60},
    },
    "end returns and rejections": {
        "task": "review.end_due",
        "schedule": 30.0,
        "options": {"expires": 60},
    },
    "make replacements": {
        "task": "funding.replace",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "refresh agreement": {"task": "quality.refresh", "schedule": 2.0, "options": {"expires": 60}},
    "check keys": {"task": "quality.check_keys", "schedule": 3600.0, "options": {"expires": 3600}},
    "measure pay": {"task": "quality.measure_pay", "schedule": 300.0, "options": {"expires": 600}},
    "follow alerts": {
        "task": "quality.follow_alerts",
        "schedule": 15.0,
        "options": {"expires": 60},
    },
    "forget old drafts": {
        "task": "work.delete_old_drafts",
        "schedule": 3600.0,
        "options": {"expires": 600},
    },
    "raise low seqs of batches": {
        "task": "work.raise_low_seqs",
        "schedule": 30.0,
        "options": {"expires": 60},
    },
    "decide calibration attempts": {
        "task": "calibration.sweep",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "recalibrate on schedule": {
        "task": "calibration.recalibrate_due",
        "schedule": 3600.0,
        "options": {"expires": 600},
    },
    "run exports": {"task": "exports.run_next", "schedule": 15.0, "options": {"expires": 60}},
    "sweep exports": {"task": "exports.sweep", "schedule": 3600.0, "options": {"expires": 600}},
    "seal days of the journal": {
        "task": "ledger.seal_days",
        "schedule": 600.0,
        "options": {"expires": 600},
    },
    "resume funding": {"task": "funding.resume", "schedule": 15.0, "options": {"expires": 60}},
    "release unused money": {
        "task": "funding.release_unused",
        "schedule": 30.0,
        "options": {"expires": 60},
    },
    "sweep readings": {
        "task": "readings.sweep",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "draw repeats": {
        "task": "funding.draw_repeats",
        "schedule": 600.0,
        "options": {"expires": 600},
    },
    "forget idempotency keys": {
        "task": "api.forget_keys",
        "schedule": 3600.0,
        "options": {"expires": 600},
    },
    "forget old uses of devices": {
        "task": "members.delete_old_device_uses",
        "schedule": 3600.0,
        "options": {"expires": 600},
    },
    "make event partitions": {
        "task": "events.partitions",
        "schedule": 3600.0,
        "options": {"expires": 600},
    },
    "count records": {
        "task": "review.count_records",
        "schedule": 900.0,
        "options": {"expires": 600},
    },
    "collect mails": {
        "task": "notices.collect",
        "schedule": 15.0,
        "options": {"expires": 60},
    },
    "send mails": {"task": "notices.send", "schedule": 10.0, "options": {"expires": 60}},
    "forget old notices": {
        "task": "notices.forget",
        "schedule": 3600.0,
        "options": {"expires": 600},
    },
    "process Stripe's events": {
        "task": "stripe.process",
        "schedule": 5.0,
        "options": {"expires": 60},
    },
    "sweep Stripe's events": {
        "task": "stripe.sweep",
        "schedule": 900.0,
        "options": {"expires": 600},
    },
    "open deposits": {"task": "deposits.open", "schedule": 15.0, "options": {"expires": 60}},
    "look at open deposits": {
        "task": "deposits.look",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "give money back": {
        "task": "deposits.refund",
        "schedule": 30.0,
        "options": {"expires": 60},
    },
    "repay what workspaces owe": {
        "task": "deposits.repay",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "reconcile": {
        "task": "reconciliation.light",
        "schedule": crontab(minute="25"),
        "options": {"expires": 3000},
    },
    "reconcile all": {
        "task": "reconciliation.full",
        "schedule": crontab(hour="4", minute="40"),
        "options": {"expires": 3000},
    },
    "clear earnings": {
        "task": "accruals.clear",
        "schedule": 600.0,
        "options": {"expires": 600},
    },
    "clear deposits": {
        "task": "deposits.clear",
        "schedule": 600.0,
        "options": {"expires": 600},
    },
    "make and look at recipients": {
        "task": "recipients.work",
        "schedule": 10.0,
        "options": {"expires": 60},
    },
    "begin payouts": {
        "task": "payouts.begin",
        "schedule": 900.0,
        "options": {"expires": 600},
    },
    "make payouts": {"task": "payouts.make", "schedule": 15.0, "options": {"expires": 60}},
    "send payouts": {"task": "payouts.send", "schedule": 10.0, "options": {"expires": 60}},
    "look at payouts to banks": {
        "task": "payouts.look_at_banks",
        "schedule": 300.0,
        "options": {"expires": 300},
    },
    "sweep debts": {
        "task": "events.sweep_debts",
        "schedule": crontab(hour="3", minute="10"),
        "options": {"expires": 12 * 3600},
    },
}
