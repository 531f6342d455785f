"""Notice, Mail and Preference: what a person is told, the outbox of mails, and how each person wants them."""

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from rlhfhub.notices.topics import ALWAYS_MAILED, How, Topic
from rlhfhub.tenancy.base import Row, TenantRow
from rlhfhub.tenancy.keys import TenantKey
from rlhfhub.tenancy.models import Invitation, User, Workspace

NOTICE, MAIL = "rlhfhub_notices_notice", "rlhfhub_notices_mail"
#: How the kinds begin of which the site tells, and no workspace.
OF_SITE = ("terms.", "pay.")


class Mail(Row):
    """A mail of the outbox: to a person, who gets at most one at a time, or to whom an invitation invites.

    Its words and its address are made when it is sent, from the notices that name it or from the invitation.

    A sender that takes a mail first moves `next_at` some minutes ahead, so that another one takes it again if the first
    is killed. The Message-ID is made from the row's id, so a mail that is sent twice can be recognized.
    """

    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True)
    invitation = models.OneToOneField(
        Invitation, on_delete=models.PROTECT, related_name="+", null=True
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    next_at = models.DateTimeField(db_default=Now())
    attempts = models.PositiveSmallIntegerField(db_default=0)
    error = models.TextField(blank=True, db_default="")
    sent_at = models.DateTimeField(null=True)
    given_up_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["next_at"], condition=Q(sent_at=None, given_up_at=None), name="mail_due"
            ),
            models.Index(
                fields=["sent_at"], condition=Q(sent_at__isnull=False), name="mail_by_sending"
            ),
            models.Index(
                fields=["given_up_at"],
                condition=Q(given_up_at__isnull=False),
                name="mail_by_giving_up",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(sent_at=None, given_up_at=None, person__isnull=False),
                name="mail_waits_once",
            ),
            models.CheckConstraint(
                condition=Q(person__isnull=False, invitation=None)
                | Q(person=None, invitation__isnull=False),
                name="mail_receiver",
            ),
            models.CheckConstraint(
                condition=Q(sent_at=None) | Q(given_up_at=None), name="mail_ends_once"
            ),
        ]


class Notice(TenantRow):
    """One thing that a person is told, once for each `cause`, by a workspace or, without one, by the site itself.

    `data` holds the ids, numbers and short names that the words of its kind are made of. `mail_due_at` is when a mail
    should tell it too; null: none should, or `mail` does.
    """

    workspace: Any = models.ForeignKey(
        Workspace,
        on_delete=models.PROTECT,
        related_name="+",
        db_constraint=False,
        db_index=False,
        null=True,
    )
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=60)
    topic = models.CharField(max_length=12, choices=Topic.choices)
    cause = models.CharField(max_length=160)
    data = models.JSONField(default=dict)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    read_at = models.DateTimeField(null=True)
    mail_due_at = models.DateTimeField(null=True)
    mail = models.ForeignKey(Mail, on_delete=models.PROTECT, related_name="+", null=True)

    class Meta:
        indexes = [
            models.Index(fields=["person", "-id"], name="notice_by_person"),
            models.Index(fields=["person"], condition=Q(read_at=None), name="notice_unread"),
            models.Index(
                fields=["mail_due_at"],
                condition=Q(mail_due_at__isnull=False),
                name="notice_mail_due",
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["person", "cause"], name="notice_once"),
            models.CheckConstraint(condition=Q(topic__in=Topic.values), name="notice_topic"),
            models.CheckConstraint(
                condition=Q(workspace__isnull=False)
                | Q(kind__startswith=OF_SITE[0])
                | Q(kind__startswith=OF_SITE[1]),
                name="notice_of_site",
            ),
            models.CheckConstraint(
                condition=Q(mail=None) | Q(mail_due_at=None), name="notice_mailed_once"
            ),
            TenantKey(
                name="notice_workspace",
                to="rlhfhub_tenancy_workspace",
                columns=("workspace_id",),
                to_columns=("id",),
            ),
        ]


class QuietHours(Row):
    """When a person wants no mails: from `from_hour` until `to_hour` o'clock in `time_zone`, past midnight if it must.

    Mails about decisions come all the same, because a time to answer runs with them.
    """

    person = models.OneToOneField(User, on_delete=models.PROTECT, related_name="+")
    from_hour = models.PositiveSmallIntegerField()
    to_hour = models.PositiveSmallIntegerField()
    time_zone = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(from_hour__lte=23, to_hour__lte=23) & ~Q(from_hour=F("to_hour")),
                name="quiet_hours_values",
            ),
        ]


class Preference(Row):
    """How a person wants mails about a topic, where they chose something else than the default."""

    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    topic = models.CharField(max_length=12, choices=Topic.choices)
    how = models.CharField(max_length=7, choices=How.choices)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "topic"], name="preference_once"),
            models.CheckConstraint(
                condition=Q(topic__in=Topic.values, how__in=How.values), name="preference_values"
            ),
            models.CheckConstraint(
                condition=~Q(topic__in=[str(topic) for topic in ALWAYS_MAILED], how="off"),
                name="preference_always_mailed",
            ),
        ]
