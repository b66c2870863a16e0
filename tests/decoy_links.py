"""Random decoy links inside a declared set, honest and attacked, with the judgement of each.

Inside: `random_link`, `judge`, `Judgement`, `link_generator`, `certified_by_metrics`, `SEED`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qtrace.metrics.catalogue import protocol
from qtrace.metrics.recompute import evaluate
from qtrace.physics.decoy.decoy_link_set import DeclaredSet, set_violations
from qtrace.physics.decoy.decoy_link_truth import Drawn, Level, TrueDevice, draw_run, true_length
from qtrace.physics.decoy.decoy_set import DecoyCounts, Security, varying_length
from qtrace.physics.decoy.decoy_set_constant import constant_length
from qtrace.physics.decoy.decoy_set_one import varying_length_one
from qtrace.physics.decoy.intensity_set import IntensitySet
from qtrace.physics.entropy import binary_entropy

SEED = 20_240_229
EPSILON_SECRECY = 1e-9
EPSILON_CORRECTNESS = 1e-15
EFFICIENCY_OF_CORRECTION = 1.16
PULSES_FOR_TAIL = 10**10


@dataclass(frozen=True, slots=True)
class Link:
    """A device, its declared set, the nominal values that an unaware user would take."""

    device: TrueDevice
    declared: DeclaredSet
    nominal: tuple[float, ...]
    pulses: int
    attacked: bool


@dataclass(frozen=True, slots=True)
class Judgement:
    """Lengths in bits: certified over the set, at the nominal values, and true.

    `metrics` are those of the product, by the name of the bound: all whose proof models the link.
    `gross` is the true length with nothing subtracted for epsilons.
    """

    certified: float
    nominal: float
    true: float
    violations: tuple[str, ...]
    metrics: dict[str, float]
    gross: float

    @property
    def too_long(self) -> bool:
        """Return whether there is certified key beyond what is true."""
        return max(self.certified, 0.0) > max(self.true, 0.0)

    @property
    def metrics_too_long(self) -> list[str]:
        """Return the bounds of the product whose certified figure is above what is true.

        The truth is that before anything is subtracted for epsilons: bounds subtract differently.
        """
        limit = max(self.gross, 0.0)
        return [bound for bound, value in self.metrics.items() if max(value, 0.0) > limit]

    @property
    def nominal_too_long(self) -> bool:
        """Return whether the bound without a set gives too much."""
        return max(self.nominal, 0.0) > max(self.true, 0.0)


def link_generator(index: int, seed: int = SEED) -> np.random.Generator:
    """Return the generator of one link: links are the same whether 100 or 1000 are drawn."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, index])))


def random_link(generator: np.random.Generator) -> Link:
    """Draw a link inside its declared set; half of them attacked, a third with one decoy."""
    g = generator
    one_decoy = g.random() < 1 / 3
    if one_decoy:
        nominal = (g.uniform(0.4, 0.7), g.uniform(0.08, 0.2))
        probabilities = (0.6, 0.4)
    else:
        nominal = (g.uniform(0.4, 0.7), g.uniform(0.08, 0.2), float(g.choice([0.0, 2e-4, 5e-3])))
        probabilities = (0.6, 0.25, 0.15)
    width = float(10 ** g.uniform(-3, np.log10(0.05)))
    mu = np.array(nominal)
    lows, highs = tuple(mu * (1 - width)), tuple(mu * (1 + width))
    attacked = bool(g.random() < 0.5)
    varying = bool(g.random() < 0.5)
    mismatch = float(g.choice([0.0, 0.0, 0.002, 0.01, 0.03]))
    levels = _levels(
        g, attacked=attacked, width=width, nominal=nominal, mismatch=mismatch, varying=varying
    )
    transmittances, misalignments = _channel(g, attacked=attacked)
    dark = float(10 ** g.uniform(-8, -5.5))
    ratio = 1 - mismatch * g.random()
    device = TrueDevice(
        intensities=nominal,
        probabilities=probabilities,
        levels=levels,
        key_share=0.7,
        test_share=0.1,
        transmittances=transmittances,
        misalignments=misalignments,
        dark_probabilities=(dark, dark * ratio),
        after_pulse_probability=float(g.uniform(0, 0.05)),
    )
    declared = DeclaredSet(lows, highs, mismatch=mismatch, varying=varying)
    return Link(device, declared, nominal, int(10 ** g.uniform(9, 13)), attacked)


def _levels(
    g: np.random.Generator,
    *,
    attacked: bool,
    width: float,
    nominal: tuple[float, ...],
    mismatch: float,
    varying: bool,
) -> tuple[Level, ...]:
    count = len(nominal)
    number = int(g.integers(2, 6)) if varying else 1
    shares = g.dirichlet(np.ones(number))
    # Where the worst case is: signal low, decoy high; half of the rest at other corners.
    worst = np.array([-1.0, 1.0, -1.0][:count])
    kind = g.choice(["worst", "corner", "inside"])
    out = []
    for share in shares:
        place = {
            "worst": worst,
            "corner": g.choice([-1.0, 1.0], count),
            "inside": g.uniform(-1, 1, count),
        }[str(kind)]
        best = 0.2 * float(g.uniform(0.2, 1.0) if attacked and varying else 1.0)
        low = best * (1 - mismatch * g.random())
        pair = (best, low) if g.random() < 0.5 else (low, best)
        out.append(Level(float(share), tuple(float(x) for x in 1 + width * place), pair))
    return tuple(out)


def _channel(
    g: np.random.Generator, *, attacked: bool
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    fibre = float(10 ** (-0.02 * g.uniform(0, 120)))
    error = float(g.uniform(0.002, 0.02))
    if not attacked:
        return (fibre,), (error,)
    # Single photons are held back, pairs let through, what the bound neglects is blocked, and
    # all errors sit on single photons, where they cost most.
    single, pair = fibre * g.uniform(0.1, 1.0), min(1.0, fibre * g.uniform(0.8, 4.0))
    more = fibre * float(g.choice([0.0, 0.0, 1.0]))
    return (1.0, single, pair, more), (0.5, min(0.5, error * 1.5), 0.0)


def counts_of(drawn: Drawn) -> DecoyCounts:
    """Return the counts as the length takes them."""
    detected = drawn.errors + drawn.agreements
    return DecoyCounts(detected[0], detected[1], drawn.errors[1], drawn.errors[0])


def leak_of(drawn: Drawn) -> float:
    """Return the modelled leak of error correction."""
    wrong, n = drawn.errors[0].sum(), (drawn.errors + drawn.agreements)[0].sum()
    return float(EFFICIENCY_OF_CORRECTION * n * float(binary_entropy(wrong / n)))


def judge(link: Link, generator: np.random.Generator, *, tail: bool = False) -> Judgement:
    """Draw a run of the link and compare what is certified with what is true."""
    drawn = draw_run(link.device, link.pulses, generator=generator)
    counts, leak = counts_of(drawn), leak_of(drawn)
    security = Security(
        EPSILON_SECRECY, EPSILON_CORRECTNESS, mismatch=link.declared.mismatch, sampling="serfling"
    )
    one = len(link.nominal) == 2
    length, pieces = (varying_length_one, 19.0) if one else (varying_length, 21.0)
    chosen = {"leak_bits": leak, "security": security}
    probabilities = link.device.probabilities
    lows, highs = link.declared.lows, link.declared.highs
    if link.declared.varying:
        box = IntensitySet(lows, highs, probabilities=probabilities)
        certified = float(length(counts, box, **chosen).length)
    else:
        certified = constant_length(
            counts, lows, highs, probabilities=probabilities, **chosen
        ).length
    exact = IntensitySet(link.nominal, link.nominal, probabilities=probabilities)
    unaware = Security(EPSILON_SECRECY, EPSILON_CORRECTNESS, sampling="gamma")
    nominal = float(length(counts, exact, leak_bits=leak, security=unaware).length)
    subtracted = 6 * np.log2(pieces / EPSILON_SECRECY) + np.log2(2 / EPSILON_CORRECTNESS)
    true = true_length(drawn, leak_bits=leak, security_bits=float(subtracted))
    return Judgement(
        certified,
        nominal,
        true,
        set_violations(link.device, link.declared),
        certified_by_metrics(link, drawn, tail=tail),
        true_length(drawn, leak_bits=leak, security_bits=0.0),
    )


def certified_by_metrics(link: Link, drawn: Drawn, *, tail: bool = False) -> dict[str, float]:
    """Return the certified figures of the product's own metrics, by the name of the bound.

    Bounds over constant intensities are asked only for links that are constant and without
    mismatch: others are outside their sets. The exact tail, whose time and memory grow with the
    counts, is left out unless asked for, and of long runs always.
    """
    mine = protocol("bb84_one_decoy" if len(link.nominal) == 2 else "bb84_two_decoy")
    functions = {one.metric_id: one for one in mine.metrics}
    declared = link.declared
    given = {
        **drawn.cells(),
        "epsilon_secrecy": EPSILON_SECRECY,
        "epsilon_correctness": EPSILON_CORRECTNESS,
        "error_correction_efficiency": EFFICIENCY_OF_CORRECTION,
        "detection_efficiency_mismatch": declared.mismatch,
    }
    rows = zip(link.device.probabilities, declared.lows, declared.highs, strict=True)
    for k, (share, low, high) in enumerate(rows, 1):
        given[f"probability_{k}"] = share
        given[f"mean_photon_number_{k}_low"] = low
        given[f"mean_photon_number_{k}_high"] = high
    constant = not declared.varying and declared.mismatch == 0.0
    found = {}
    for proof in mine.proofs:
        modelled = proof.bound.startswith("set_varying_") or constant
        if modelled and ((tail and link.pulses < PULSES_FOR_TAIL) or "_tail" not in proof.bound):
            one = functions[proof.metric_id]
            names = {argument.name for argument in one.arguments}
            estimates = {name: value for name, value in given.items() if name in names}
            found[proof.bound], _ = evaluate(one, estimates, {})
    return found
