"""Files that people write: calibrations, links, runs, packs, schemes; with line and field."""
