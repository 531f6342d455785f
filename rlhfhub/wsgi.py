"""WSGI entry, for other servers behind a proxy that buffers requests and responses. rlhfhub.rsgi uses it too."""

import os

import django

from rlhfhub.web.handler import Handler

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rlhfhub.settings.production")
django.setup(set_prefix=False)
application = Handler()
