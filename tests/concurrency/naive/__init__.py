"""Leasing as a careless hand would write it: tabs of one annotator do not take turns. For the negative control."""
