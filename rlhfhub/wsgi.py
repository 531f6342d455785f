"""WSGI entry: `granian --interface wsgi rlhfhub.wsgi:application`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rlhfhub.settings.production")
application = get_wsgi_application()
