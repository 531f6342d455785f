"""The web server's side of a request: no thread of the site ever waits for a client.

granian reads and writes sockets in its own threads and calls us on an event loop (RSGI). There a request's body is
received whole, within limits of time and size; then the unchanged WSGI application runs in one of a few threads; its
answer, bytes or the path of a file, is handed to granian, which sends it however slowly the client reads.
"""
