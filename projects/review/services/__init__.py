"""What may be done about a submitted annotation: accept, send back, reject, appeal, flag."""
