"""The reviewers' queue: items with undecided answers, in an order that the reviewer chooses."""
