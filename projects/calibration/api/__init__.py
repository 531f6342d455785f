"""REST for calibration: of members, and of an annotator's own desk."""
