"""Sample checks: a random sample of a batch's answers is checked, and the rest accepted if few enough are wrong."""
