"""Puts due notices into the outbox: one mail a person, however many notices, as each person wants them now.

A notice's `mail_due_at` only says when to look at it. What the person has chosen decides then: it is mailed, put off to
the time of the daily mail or to the end of their quiet hours, or not mailed at all.
"""

from typing import Any

from django.conf import settings
from django.db import connection

from rlhfhub.notices.topics import ALWAYS_MAILED, DAILY_BY_DEFAULT
from rlhfhub.tenancy import clock, planes

PEOPLE = 500

#: SQL for how the person of the notice `n` wants mails about its topic.
HOW = """COALESCE((SELECT p.how FROM rlhfhub_notices_preference p
                   WHERE p.person_id = n.person_id AND p.topic = n.topic),
                  CASE WHEN n.topic = ANY(%(daily)s) THEN 'daily' ELSE 'at_once' END)"""
# The first time of the daily mail after the notice.
_DAILY_AT = """(date_trunc('day', n.created_at AT TIME ZONE 'UTC' - make_interval(hours => %(hour)s))
                + interval '1 day' + make_interval(hours => %(hour)s)) AT TIME ZONE 'UTC'"""
# When the quiet hours end in which the person of the notice is now; NULL if they are in none, or if the notice is about
# a topic with which a time to answer runs.
_QUIET_UNTIL = """(SELECT (l.day + make_interval(hours => q.to_hour)
                           + CASE WHEN q.to_hour <= l.hour THEN interval '1 day' ELSE interval '0' END)
                          AT TIME ZONE q.time_zone
                   FROM rlhfhub_notices_quiethours q CROSS JOIN LATERAL (
                       SELECT date_trunc('day', %(at)s AT TIME ZONE q.time_zone) AS day,
                              EXTRACT(hour FROM %(at)s AT TIME ZONE q.time_zone) AS hour) l
                   WHERE q.person_id = n.person_id AND NOT n.topic = ANY(%(always)s)
                     AND CASE WHEN q.from_hour < q.to_hour THEN l.hour >= q.from_hour AND l.hour < q.to_hour
                              ELSE l.hour >= q.from_hour OR l.hour < q.to_hour END)"""
# All three statements compare with the same moment, so that they judge the same notices.
_PUT_OFF = f"""
    UPDATE rlhfhub_notices_notice n SET mail_due_at = looked.due_at
    FROM (SELECT n.id, CASE {HOW} WHEN 'at_once' THEN GREATEST(n.mail_due_at, {_QUIET_UNTIL})
                                  WHEN 'daily' THEN GREATEST({_DAILY_AT}, {_QUIET_UNTIL}) END AS due_at
          FROM rlhfhub_notices_notice n WHERE n.mail_due_at <= %(at)s) looked
    WHERE n.id = looked.id AND n.mail_due_at <= %(at)s AND (looked.due_at IS NULL OR looked.due_at > %(at)s)
"""  # noqa: S608  of constants only
_MAKE = """
    INSERT INTO rlhfhub_notices_mail (id, person_id)
    SELECT rlhfhub_uuid7(), due.person_id FROM (
        SELECT DISTINCT n.person_id FROM rlhfhub_notices_notice n
        WHERE n.mail_due_at <= %(at)s AND NOT EXISTS (
            SELECT FROM rlhfhub_notices_mail m
            WHERE m.person_id = n.person_id AND m.sent_at IS NULL AND m.given_up_at IS NULL)
        LIMIT %(people)s) due
    ON CONFLICT DO NOTHING RETURNING id, person_id
"""
_ATTACH = """
    UPDATE rlhfhub_notices_notice n SET mail_id = made.mail_id, mail_due_at = NULL
    FROM unnest(%(mails)s::uuid[], %(persons)s::uuid[]) AS made (mail_id, person_id)
    WHERE n.person_id = made.person_id AND n.mail_due_at <= %(at)s
"""


def parameters() -> dict[str, Any]:
    """Return the parameters of HOW, and the hour (UTC) of the daily mail."""
    return {
        "daily": [str(topic) for topic in DAILY_BY_DEFAULT],
        "always": [str(topic) for topic in ALWAYS_MAILED],
        "hour": settings.NOTICE_DAILY_HOUR,
    }


def collect_once() -> int:
    """Make the mails of up to PEOPLE people who have due notices and no mail that waits. Returns how many.

    For who has a mail that waits, as when the server is away, notices gather until it is sent.
    """
    with planes.as_system(), connection.cursor() as cursor:
        at = clock.now()
        cursor.execute(_PUT_OFF, {"at": at, **parameters()})
        cursor.execute(_MAKE, {"at": at, "people": PEOPLE})
        made = cursor.fetchall()
        if made:
            mails, persons = zip(*made, strict=True)
            cursor.execute(_ATTACH, {"at": at, "mails": list(mails), "persons": list(persons)})
    return len(made)


def collect() -> int:
    """Make all mails that are due. Returns how many."""
    total = 0
    while made := collect_once():
        total += made
    return total
