"""Entangled pairs: BBM92 and CHSH."""
