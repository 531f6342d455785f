"""Settings of mails: the server that takes them, and when notices are mailed."""

import environ

env = environ.Env()

# smtp+tls://user:password@host:587, or smtp+ssl://…:465. Without one, mails are written to the log.
_mail = environ.Env.email_url_config(env("EMAIL_URL", default="") or "consolemail://")
EMAIL_BACKEND, MAIL_BACKEND = "rlhfhub.web.mail.BackgroundBackend", _mail["EMAIL_BACKEND"]
EMAIL_TIMEOUT = 10
EMAIL_HOST, EMAIL_PORT = _mail["EMAIL_HOST"] or "", _mail["EMAIL_PORT"] or 25
EMAIL_HOST_USER = _mail["EMAIL_HOST_USER"] or ""
EMAIL_HOST_PASSWORD = _mail["EMAIL_HOST_PASSWORD"] or ""
EMAIL_USE_TLS, EMAIL_USE_SSL = _mail.get("EMAIL_USE_TLS", False), _mail.get("EMAIL_USE_SSL", False)
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", default="RLHFHub <no-reply@localhost>")
# allauth would put the address of the site before each subject.
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""

# Mails about notices wait so long, so that what happens together is told in one mail.
NOTICE_MAIL_WAIT_SECONDS = env.int("NOTICE_MAIL_WAIT_SECONDS", default=120)
# The hour (UTC) of the mail with what people want to be told once a day.
NOTICE_DAILY_HOUR = env.int("NOTICE_DAILY_HOUR", default=7)
# Where people reach the site: mails that no request causes need it for their links. Production has its own default.
SITE_URL = env("SITE_URL", default=f"http://127.0.0.1:{env.int('PORT', default=8000)}")
