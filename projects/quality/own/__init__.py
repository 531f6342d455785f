"""How an annotator does, as they see it themselves."""
