#!/usr/bin/env python
"""Health checks of containers: `healthcheck.py [path] [container]` asks web under a host name it answers to.

Without arguments the web container asks itself whether it is ready.
"""

import http.client
import os
import sys

path, container = (*sys.argv[1:], *("/healthz/ready", "127.0.0.1")[len(sys.argv) - 1 :])
connection = http.client.HTTPConnection(container, int(os.environ.get("PORT", "8000")), timeout=5)
host = os.environ["ALLOWED_HOSTS"].split(",")[0].lstrip(".")
connection.request("GET", path, headers={"Host": host})
sys.exit(0 if connection.getresponse().status == 200 else 1)
