"""What annotators see of the decisions on their answers, and what they can do about them."""
