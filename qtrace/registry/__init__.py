"""The database: tables, append-only triggers, rows to objects and back."""
