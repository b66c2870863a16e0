"""Requirements as data, criteria as functions, decision rules, findings."""
