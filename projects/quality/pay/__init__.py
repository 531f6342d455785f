"""The measured time and pay per hour of projects, and the least that an hour must pay."""
