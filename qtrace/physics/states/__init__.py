"""Quantum states sent, shared, swapped and stored: fidelities, tomography, chains."""
