"""What answers to gold and to repeats say: of the people who gave them, and of the keys that they were held against."""
