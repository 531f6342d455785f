"""Places: how an annotator's place in a project is paused, ended, taken again, and what they say about it."""
