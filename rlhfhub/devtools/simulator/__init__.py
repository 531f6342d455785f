"""Simulated annotators at work over HTTP, through the same endpoints as people."""
