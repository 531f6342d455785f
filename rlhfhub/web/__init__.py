"""What every page shares: the frame, the style sheet, charts and safe rendering of user text."""
