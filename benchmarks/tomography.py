"""Two-qubit tomography with bootstrap draws, beside a search by scipy over a Cholesky factor.

Usage: python benchmarks/tomography.py [--draws 1000] [--peer 50]. The peer is the parametrisation
of James et al., PRA 64, 052312 (2001), rho = T T^dagger / tr, the exact multinomial likelihood,
and scipy's L-BFGS-B with the analytic gradient, one table after the other. Both get the same
tables; printed are seconds for each table, their ratio, and by how much either is likelier.
"""

from __future__ import annotations

import argparse
import time

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from qtrace.physics.states.density import BELL_STATES, projector
from qtrace.physics.states.tomography import deviance, draw_counts, fit_counts
from qtrace.physics.states.tomography_frame import pauli_frame

SEED = 20_010_052
Array = NDArray[np.float64]


def peer(operators: NDArray[np.complex128], counts: Array) -> NDArray[np.complex128]:
    """Return the likeliest state found by L-BFGS-B over 32 numbers of a factor T."""

    def loss(flat: Array) -> tuple[float, Array]:
        factor = (flat[:16] + 1j * flat[16:]).reshape(4, 4)
        rho = factor @ factor.conj().T
        trace = np.trace(rho).real
        chance = np.maximum(np.einsum("mij,ji->m", operators, rho).real / trace, 1e-300)
        ratio = counts / chance
        response = np.einsum("m,mij->ij", ratio, operators) - counts.sum() * np.eye(4)
        slope = -2.0 * response @ factor / trace
        return -float(counts @ np.log(chance)), np.concatenate(
            [slope.real.ravel(), slope.imag.ravel()]
        )

    start = np.concatenate([np.eye(4).ravel() / 2.0, np.zeros(16)])
    options = {"maxiter": 5000, "ftol": 1e-15, "gtol": 1e-6}
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options=options).x
    factor = (found[:16] + 1j * found[16:]).reshape(4, 4)
    rho = factor @ factor.conj().T
    return np.asarray(rho / np.trace(rho).real)


def main() -> None:
    """Fit the same tables with both, and print times and likelihoods."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=1000)
    parser.add_argument("--peer", type=int, default=50, help="tables that the peer gets")
    asked = parser.parse_args()
    frame = pauli_frame(2)
    fit_counts(frame, np.full(36, 10.0))
    for visibility, number in ((1.0, 1000), (0.99, 1000), (0.95, 1000), (0.8, 100), (0.99, 10**6)):
        rho = visibility * projector(BELL_STATES["psi_minus"]) + (1 - visibility) * np.eye(4) / 4
        tables = draw_counts(
            frame,
            rho,
            np.full(9, number),
            draws=asked.draws,
            generator=np.random.default_rng(SEED),
        )
        began = time.perf_counter()
        ours = fit_counts(frame, tables)
        spent = time.perf_counter() - began
        began = time.perf_counter()
        theirs = np.array([peer(frame.operators, one) for one in tables[: asked.peer]])
        peer_spent = (time.perf_counter() - began) / asked.peer
        lead = deviance(frame, tables[: asked.peer], theirs) - ours.deviance[: asked.peer]
        print(
            f"visibility {visibility:<5} {number:>8} counts a setting: {asked.draws} tables in "
            f"{spent:.2f} s, gap {ours.gap.max():.0e}; scipy {peer_spent * 1e3:.1f} ms a table, "
            f"ratio {peer_spent * asked.draws / spent:.0f}; ours likelier by "
            f"{lead.min() / 2:.1e} to {lead.max() / 2:.1e}"
        )


if __name__ == "__main__":
    main()
