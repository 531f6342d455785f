"""The whole site under its process manager, the faults that befall it, and the clients that keep on working."""
