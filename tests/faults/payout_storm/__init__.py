"""Thousands of payouts while requests fail, workers are killed and days pass: each is sent once.

`python -m tests.faults.payout_storm --payouts 10000` prints what became of them, and of the same with a client that
sends each request under a new key.
"""
