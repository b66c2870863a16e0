"""Advantage over a declared baseline."""
