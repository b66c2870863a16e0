"""Physics as pure functions: numbers in SI units in, numbers out."""
