"""Bulk accepts: many answers accepted together, which takes effect after ten minutes and can be undone until then."""
