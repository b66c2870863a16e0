"""Procedures for tomography: the fit of counts, linear inversion, and the direct fidelity.

Inside: `tomography_of_qubit`, `tomography_of_projectors`.
Source: as the formulas in `qtrace.physics.states`.
"""

from __future__ import annotations

import numpy as np

from qtrace.physics.states.density import PAULI, concurrence, purity
from qtrace.physics.states.tomography import fit_counts, linear_inversion
from qtrace.physics.states.tomography_frame import pauli_frame, projector_frame
from qtrace.validation.case import Figure, Figures
from qtrace.validation.given import Given
from qtrace.validation.sampling import Sampling


def tomography_of_qubit(given: Given, _sampling: Sampling) -> Figures:
    """Return Bloch vector `x`, `y`, `z` and `purity` of the likeliest state of one qubit.

    `counts` has p_x, m_x and so on.
    """
    frame = pauli_frame(1)
    table = given.table("counts")
    counts = [table.number(name) for name in frame.names]
    given.finish()
    rho = fit_counts(frame, counts).matrices[0]
    found = {axis: Figure(float(np.trace(rho @ PAULI[axis]).real)) for axis in "xyz"}
    return found | {"purity": Figure(float(purity(rho)))}


def tomography_of_projectors(given: Given, _sampling: Sampling) -> Figures:
    """Return entries of the linear inversion, `re_jk` and `im_jk`, and figures of the fit.

    `counts` has one number for each projector, such as HV.
    """
    table = given.table("counts")
    names = tuple(table.keys)
    counts = [table.number(name) for name in names]
    given.finish()
    frame = projector_frame(names)
    linear = linear_inversion(frame, counts)
    size = len(linear)
    figures = {
        f"{part}_{j + 1}{k + 1}": Figure(float(getattr(linear[j, k], word)))
        for j in range(size)
        for k in range(j, size)
        for part, word in (("re", "real"), ("im", "imag"))
    }
    rho = fit_counts(frame, counts).matrices[0]
    figures["purity"] = Figure(float(purity(rho)))
    if size == 4:
        figures["concurrence"] = Figure(float(concurrence(rho)))
    return figures
