"""WSGI entry: `granian --interface wsgi rlhfhub.wsgi:application`."""

import os

import django

from rlhfhub.web.handler import Handler

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rlhfhub.settings.production")
django.setup(set_prefix=False)
application = Handler()
