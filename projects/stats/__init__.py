"""Statistics of trust: pure functions on counts, without Django and without a database.

A function here says its source, what it does with too few observations (it answers ``None``,
never NaN), and has a test with published values.
"""
