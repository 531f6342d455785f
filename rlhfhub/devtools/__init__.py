"""Development only: embedded servers, the process manager, demo, simulator and benchmark.

The top floor of the house: it may import everything, and nothing may import it.
"""
