"""Monitors: what is kept of each annotator's judgments, to notice when their work changes."""
