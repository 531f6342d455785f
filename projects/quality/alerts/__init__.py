"""Alerts: what a monitor or a search found, the evidence, and what a person decided."""
