"""Networks of links: paths, and what a path offers."""
