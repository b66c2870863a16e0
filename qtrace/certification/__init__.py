"""Where evidence meets schemes: decision, signed statement, verification, audit checks."""
