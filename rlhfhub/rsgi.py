"""RSGI entry: `granian --interface rsgi rlhfhub.rsgi:application`; see rlhfhub.server."""

from django.conf import settings

from rlhfhub.server.application import Application
from rlhfhub.wsgi import application as site

application = Application(
    site,
    threads=settings.WEB_THREADS,
    folder=settings.UPLOADS_DIR,
    ordinary=settings.DATA_UPLOAD_MAX_MEMORY_SIZE,
    largest=settings.IMPORT_MAX_BYTES,
    proxies=settings.TRUSTED_PROXIES,
)
