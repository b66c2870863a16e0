"""Trust in bytes: canonical form, digests, signing, hash-linked entries."""
