"""Searches among all annotators of a project, by the job that recomputes their figures. Workspace plane.

They find what cannot be seen one answer at a time: pairs who share unusual answers, texts that are nearly the same, and
texts that are mostly pasted.
"""
