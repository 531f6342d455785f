"""Adjudication: a reviewer gives an item's final answer, which datasets use in place of the consensus."""
