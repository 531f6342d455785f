"""Limits on what a client that has not been identified yet may use of the server."""

KIB, MIB = 1 << 10, 1 << 20

# A body up to this size is held in memory. All of them take at most this times granian's backpressure (connections).
SMALL_BYTES = 64 * KIB
# A small body must arrive within the grace period; a larger one must keep the average rate after it.
GRACE_SECONDS = 30.0
BYTES_A_SECOND = 16 * KIB
# The most bytes of ordinary requests' bodies that one process has on disk at a time.
ORDINARY_BYTES = 256 * MIB
# How many of those bytes one address may use.
ADDRESS_BYTES = 32 * MIB
# How many of the largest imports one process receives and stores at a time; one at a time for each workspace.
IMPORTS = 2
# The size of one write to disk.
BLOCK_BYTES = 256 * KIB
# How long, and how many bytes, of a refused body are still read and dropped: many clients send all of it before they
# read the response, and would only see a closed connection otherwise.
DRAIN_SECONDS = 5.0
DRAIN_BYTES = 64 * MIB
RETRY_SECONDS = 5
