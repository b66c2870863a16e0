"""Time-tag files: one reader for each format, and writers."""
