#!/usr/bin/env python
"""The web container's health check: asks itself under a host name it answers to."""

import http.client
import os
import sys

connection = http.client.HTTPConnection("127.0.0.1", int(os.environ.get("PORT", "8000")), timeout=5)
host = os.environ["ALLOWED_HOSTS"].split(",")[0].lstrip(".")
connection.request("GET", "/healthz/ready", headers={"Host": host})
sys.exit(0 if connection.getresponse().status == 200 else 1)
