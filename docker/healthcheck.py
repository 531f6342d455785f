#!/usr/bin/env python
"""The health check of containers: `healthcheck.py [path] [container]` requests a path from web.

It fails unless the status is 200. Without arguments, the web container asks itself whether it is ready. The request's
host name is the first of ALLOWED_HOSTS.
"""

import http.client
import os
import sys

path, container = (*sys.argv[1:], *("/healthz/ready", "127.0.0.1")[len(sys.argv) - 1 :])
connection = http.client.HTTPConnection(container, int(os.environ.get("PORT", "8000")), timeout=5)
host = os.environ["ALLOWED_HOSTS"].split(",")[0].lstrip(".")
connection.request("GET", path, headers={"Host": host})
sys.exit(0 if connection.getresponse().status == 200 else 1)
