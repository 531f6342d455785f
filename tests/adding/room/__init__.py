"""A toy room with a table of its own: notes that members write on items."""
