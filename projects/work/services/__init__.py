"""Services of the desk (lease, submit, return, save a draft) and of slots."""
