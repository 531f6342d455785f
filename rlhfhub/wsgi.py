"""WSGI entry, for other servers behind a proxy that buffers both ways; ours is rlhfhub.rsgi, which calls this one."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rlhfhub.settings.production")
application = get_wsgi_application()
