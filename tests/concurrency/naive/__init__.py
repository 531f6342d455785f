"""A careless version of leasing, in which tabs of one annotator do not wait for each other: a negative control."""
