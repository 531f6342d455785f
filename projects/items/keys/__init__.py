"""The right answers (keys) of a project's keyed items: read and checked, stored, retired and restored."""
