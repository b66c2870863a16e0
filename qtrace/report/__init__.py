"""For people: HTML reports, chain drawings, terminal tables."""
