"""WSGI entry, for other servers behind a proxy that buffers both ways; ours is rlhfhub.rsgi, which calls this one."""

import os

import django

from rlhfhub.web.handler import Handler

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rlhfhub.settings.production")
django.setup(set_prefix=False)
application = Handler()
