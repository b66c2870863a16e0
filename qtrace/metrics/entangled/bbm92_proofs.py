"""What the named bounds of BBM92 prove, against whom, and for which devices.

Inside: `PROOFS`, `SET`.
Source: as named in each proof.
"""

from __future__ import annotations

from qtrace.metrics.entangled.bbm92_arguments import ONE_BASIS
from qtrace.metrics.protocol import Proof, SetParameter, Side

SET = (
    SetParameter(
        "basis_overlap",
        "basis_overlap",
        "the overlap of the two bases at one side",
        "entropic uncertainty relation, Tomamichel and Renner, PRL 106, 110506 (2011)",
        ideal=0.5,
        side=Side.UPPER,
    ),
    SetParameter(
        "efficiency_mismatch",
        "efficiency_mismatch",
        "the efficiency mismatch between the detectors of a side",
        "worst over time, wavelength and mode; proofs with such a term, as Tupkary et al., "
        "arXiv:2408.17349, are for BB84 with a characterised sender",
        ideal=0.0,
        side=Side.UPPER,
        modelled=False,
    ),
    SetParameter(
        "basis_dependence",
        "basis_dependence",
        "the dependence of detection on the chosen basis",
        "Koashi and Preskill, PRL 90, 057902 (2003): source and detection must not depend on "
        "the basis",
        ideal=0.0,
        side=Side.UPPER,
        modelled=False,
    ),
)

NOT_COVERED = (
    "detectors controlled from outside, such as blinding",
    "double clicks that are discarded instead of assigned at random",
    "correlations between rounds in the detectors: dead time, after-pulsing",
    "imperfect random choice of the bases",
    "authentication of the public channel",
)
BOTH_BASES = (
    "key from both bases of one block: the two lengths are added by the union bound, which the "
    "papers do not prove for one block"
)
ACCEPTANCE = (
    "observed error rates stand for tolerated ones: the length varies with what is observed, "
    "the proof fixes it before"
)
ADVERSARY = "coherent attacks; the source may be in the adversary's hands"

PROOFS = (
    Proof(
        bound="gamma",
        title="gamma bound of Lim et al. (2014)",
        metric_id="qkd.bbm92.certified_length_gamma",
        estimate_id="qkd.bbm92.finite_length_gamma",
        corrected=("z", "x"),
        source="Lim et al., PRA 89, 022307 (2014), below Eq. 5",
        adversary=ADVERSARY,
        regime="finite",
        set_parameters=SET,
        not_covered=(*NOT_COVERED, BOTH_BASES, ACCEPTANCE),
        corrections=(
            "Tupkary et al., arXiv:2502.10340: the expansion behind gamma is no strict bound: "
            "not included [second hand]",
            "smoothing by the root of the sampling failure, Tomamichel et al. (2012): not "
            "included; a comparison prints the length with it",
        ),
    ),
    Proof(
        bound="tail",
        title="exact hypergeometric tail",
        metric_id="qkd.bbm92.certified_length_tail",
        estimate_id="qkd.bbm92.finite_length_tail",
        corrected=("z", "x"),
        source="Sakakibara and Matsumoto, IEICE ComEx 3, 68 (2014) [abstract read]; "
        "Mannalath, Zapatero and Curty, arXiv:2410.04095 (2024) [abstract read]",
        adversary=ADVERSARY,
        regime="finite",
        set_parameters=SET,
        not_covered=(*NOT_COVERED, BOTH_BASES, ACCEPTANCE),
        corrections=(
            "smoothing by the root of the sampling failure, Tomamichel et al. (2012): not "
            "included; a comparison prints the length with it",
            "closed form of Lim, Xu, Pan and Ekert, PRL 126, 100501 (2021): a bound of its own, "
            "lim_2021",
        ),
    ),
    Proof(
        bound="tomamichel_2012",
        title="Tomamichel, Lim, Gisin and Renner (2012), key from Z",
        metric_id="qkd.bbm92.certified_length_tomamichel_2012",
        estimate_id="qkd.bbm92.key_length_tomamichel_2012",
        fixes=ONE_BASIS,
        corrected=("z",),
        source="Nat. Commun. 3, 634 (2012), Eq. 2 [read in a transcription]",
        adversary=ADVERSARY,
        regime="finite",
        set_parameters=SET,
        not_covered=(*NOT_COVERED, ACCEPTANCE),
        corrections=("smoothing parameter eps_sec / 4, the more cautious reading: included",),
    ),
    Proof(
        bound="leverrier_2017",
        title="Tomamichel and Leverrier (2017), key from Z",
        metric_id="qkd.bbm92.certified_length_leverrier_2017",
        estimate_id="qkd.bbm92.key_length_leverrier_2017",
        fixes=ONE_BASIS,
        corrected=("z",),
        source="Quantum 1, 14 (2017), Eqs. 57 to 59 [not read; the authors' own points agree]",
        adversary=ADVERSARY,
        regime="finite",
        set_parameters=SET,
        not_covered=(
            *NOT_COVERED,
            ACCEPTANCE,
            "the paper draws its test bits from both bases; here they are those of basis X",
        ),
    ),
    Proof(
        bound="lim_2021",
        title="Lim, Xu, Pan and Ekert (2021), short blocks, key from Z",
        metric_id="qkd.bbm92.certified_length_lim_2021",
        estimate_id="qkd.bbm92.key_length_lim_2021",
        fixes=ONE_BASIS,
        corrected=("z",),
        source="PRL 126, 100501 (2021) [abstract read, formulas in a transcription by others]",
        adversary=ADVERSARY,
        regime="finite",
        set_parameters=SET,
        not_covered=(
            *NOT_COVERED,
            ACCEPTANCE,
            "the test bits are those of basis X, not drawn from both bases",
        ),
        corrections=("smoothing, 2 eps_pe in the sum of the epsilons: included",),
    ),
)
