"""Runs the site behind granian, so that no thread of the site ever waits for a client.

granian reads and writes sockets in its own threads and calls this package on an event loop (RSGI). There a request's
body is received completely, within limits of time and size. Then the ordinary WSGI application runs in one of a few
threads. Its response, bytes or the path of a file, is passed to granian, which sends it, however slowly the client
reads.
"""
