"""Every operation that moves money is killed (kill -9) at each of its points, and recovers by what runs anyway.

A point is before each SQL statement, and before and after each commit and each request to Stripe; after a statement is
before what follows it. Then the caller repeats the request and the workers' tasks run again, and all is as if nothing
had been killed. `python -m tests.faults.crash_points` prints the table of points.
"""
