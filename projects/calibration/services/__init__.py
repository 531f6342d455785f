"""Services of calibration: make, open and close rounds; begin, retake and undo attempts; mark answers and decide."""

from projects.calibration.services.attempts import recalibrate, reinstate

__all__ = ["recalibrate", "reinstate"]
