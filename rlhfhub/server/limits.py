"""What one client may take of the server while nobody knows who it is."""

KIB, MIB = 1 << 10, 1 << 20

# A body up to this size is held in memory: connections (granian's backpressure) times this is the most.
SMALL_BYTES = 64 * KIB
# A small body must be whole within the grace; a larger one must keep the rate after it, on average.
GRACE_SECONDS = 30.0
BYTES_A_SECOND = 16 * KIB
# Bodies of ordinary requests that lie on disk at one moment, by process.
ORDINARY_BYTES = 256 * MIB
# How many of those bytes one address may hold.
ADDRESS_BYTES = 32 * MIB
# So many of the largest imports may come in, and be stored, at one moment, by process; of one workspace one at a time.
IMPORTS = 2
# What is written to disk at once.
BLOCK_BYTES = 256 * KIB
# A refused body is read past so long and so far: many clients send all of it before they read an answer, and would
# find the connection closed instead.
DRAIN_SECONDS = 5.0
DRAIN_BYTES = 64 * MIB
RETRY_SECONDS = 5
