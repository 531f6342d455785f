"""Batches and their items over REST."""
