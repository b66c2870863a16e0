"""Published claims as data: what is said, what follows from it, what the primary source says."""
