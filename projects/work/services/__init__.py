"""Verbs at the desk: lease, submit, return, draft; and the slots behind them."""
