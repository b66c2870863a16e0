"""A node in the middle: MDI and twin field."""
