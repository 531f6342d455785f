"""Development only: embedded servers, the process manager, demo, simulator and benchmark.

It may import everything, and nothing may import it.
"""
