"""Which kind of quantity bears on which attribute, as rows.

Inside: `Attribute`, `Weight`, `KindRow`, `ROWS`, `ON_NONE`.

A figure is OF an attribute, or it is a CONDITION: what a figure of it rests on or may hide. A
condition alone never shows an attribute. Every kind stands in `ROWS`, or in `ON_NONE` with the
reason.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Attribute(StrEnum):
    """An attribute of a link that measures, in the order in which they are shown."""

    ACCURACY = "accuracy"
    STABILITY = "stability"
    SENSITIVITY = "sensitivity"
    SYNCHRONIZATION = "synchronization"
    SECURITY = "security"
    TRACEABILITY = "traceability"


class Weight(StrEnum):
    """Whether a figure speaks for an attribute, or only about what it rests on."""

    OF = "figure"
    CONDITION = "condition"


@dataclass(frozen=True, slots=True)
class KindRow:
    """Kinds that bear on the same attributes for the same reason."""

    kinds: frozenset[str]
    on: tuple[tuple[Attribute, Weight], ...]
    why: str


def _row(kinds: str, why: str, *on: tuple[Attribute, Weight]) -> KindRow:
    return KindRow(frozenset(kinds.split()), on, why)


_OF, _IF = Weight.OF, Weight.CONDITION
_ACC, _STA, _SEN = Attribute.ACCURACY, Attribute.STABILITY, Attribute.SENSITIVITY
_SYN, _SEC = Attribute.SYNCHRONIZATION, Attribute.SECURITY

_CLOCKS = (
    _row(
        "time_scale_difference offset_from_utc constant_time_error frequency_deviation "
        "frequency_difference frequency_offset clock_rate_difference time_standard_uncertainty",
        "how two clocks differ: measured against the SI, with bias and u",
        (_SYN, _OF),
        (_ACC, _OF),
    ),
    _row(
        "maximum_absolute_time_error",
        "largest time error that the record holds",
        (_SYN, _OF),
    ),
    _row(
        "allan_deviation modified_allan_deviation hadamard_deviation total_deviation "
        "time_deviation maximum_time_interval_error rms_time_interval_error",
        "change of phase or frequency over an averaging or observation time",
        (_STA, _OF),
    ),
    _row(
        "dynamic_time_error",
        "variation of the time error about its mean",
        (_STA, _OF),
        (_SYN, _IF),
    ),
    _row(
        "path_delay delay_asymmetry local_delay_difference sagnac_delay differential_group_delay "
        "delay_spread delay_change",
        "a delay that moves the difference of two clocks where it is not known",
        (_SYN, _IF),
        (_ACC, _IF),
    ),
    _row(
        "detectable_asymmetry",
        "smallest asymmetry that a test of the link would notice",
        (_SEN, _IF),
        (_SYN, _IF),
        (_SEC, _IF),
    ),
    _row(
        "timing_jitter time_base_frequency",
        "scatter or rate of the instrument that tags the arrivals",
        (_STA, _IF),
        (_SYN, _IF),
    ),
)

_STATES = (
    _row(
        "average_fidelity process_fidelity fidelity_lower_bound fidelity_margin",
        "how close the state that arrives is to the state sent: what a transferred value can lose",
        (_ACC, _OF),
    ),
    _row(
        "phase_deviation",
        "error of the phase of a transferred tone",
        (_ACC, _OF),
        (_STA, _IF),
    ),
    _row(
        "coherence_time",
        "how long a stored state keeps its phase",
        (_STA, _OF),
    ),
    _row(
        "state_fidelity pair_fidelity fidelity_difference purity concurrence "
        "interference_visibility visibility "
        "second_order_correlation",
        "quality of the states that are shared, before anything is transferred or proven by them",
        (_ACC, _IF),
        (_SEC, _IF),
    ),
)

_SENSING = (
    _row(
        "wineland_parameter variance_gain deviation_gain variance_gain_level phase_variance "
        "phase_uncertainty scaling_exponent",
        "smallest phase that can be told from none, alone or beside its reference",
        (_SEN, _OF),
    ),
    _row(
        "frequency_uncertainty",
        "scatter of a frequency difference at the averaging time stated",
        (_SEN, _OF),
        (_STA, _IF),
    ),
    _row(
        "kitagawa_ueda_parameter spin_variance spin_length fringe_contrast particle_number "
        "quantum_fisher_information",
        "what a gain is made of; it leaves out the contrast, or no measurement need reach it",
        (_SEN, _IF),
    ),
    _row(
        "secure_probe_share",
        "share of probes that were checked; what it proves is for a proof to say",
        (_SEC, _IF),
    ),
)

_KEYS = (
    _row(
        "key_length_certified key_rate_certified failure_probability",
        "what a proof certifies for its set of devices, and with which epsilon",
        (_SEC, _OF),
    ),
    _row(
        "key_length_finite key_fraction_asymptotic key_rate_asymptotic key_per_use "
        "mutual_information capacity_estimate leak qber phase_error_rate photon_yield "
        "disagreement_rate sifted_count error_count agreement_count sifting_ratio "
        "error_correction_efficiency reconciliation_efficiency excess_noise_at_input",
        "enters a proof, or holds at nominal values or without a block; certifies nothing alone",
        (_SEC, _IF),
    ),
    _row(
        "chsh_value p_value setting_bias heralding_efficiency",
        "a test of local models; a key needs a proof beside it",
        (_SEC, _IF),
    ),
    _row(
        "efficiency_mismatch basis_overlap basis_dependence intensity_correlation "
        "polarization_sensitivity mean_photon_number multi_photon_probability isolation "
        "optical_isolation return_loss extinction_ratio backward_transmittance "
        "afterpulse_probability shot_noise_unit electronic_noise quadrature_variance "
        "quadrature_covariance",
        "a property of the devices that a proof assumes or bounds",
        (_SEC, _IF),
    ),
)

_INSTRUMENTS = (
    _row(
        "system_detection_efficiency detection_efficiency detection_efficiency_at_rate "
        "responsivity spectral_responsivity external_quantum_efficiency",
        "response of a detector, measured against the SI",
        (_SEN, _OF),
        (_ACC, _OF),
    ),
    _row(
        "dark_count_rate background_count_rate efficiency_relative_uncertainty "
        "coincidence_to_accidental_ratio",
        "background from which a signal must be told",
        (_SEN, _IF),
    ),
    _row(
        "photon_rate optical_power wavelength frequency transmittance power_ratio "
        "indication_ratio indication_error range_factor attenuation_level insertion_loss "
        "efficiency_ratio",
        "a quantity measured against the SI, with bias and u",
        (_ACC, _OF),
    ),
)

ROWS: tuple[KindRow, ...] = (*_CLOCKS, *_STATES, *_SENSING, *_KEYS, *_INSTRUMENTS)


def _none(kinds: str, why: str) -> tuple[frozenset[str], str]:
    return frozenset(kinds.split()), why


ON_NONE: tuple[tuple[frozenset[str], str], ...] = (
    _none(
        "herald_rate threefold_rate bell_measurement_efficiency bell_limit_share",
        "says how often it works, not how well",
    ),
    _none(
        "count_rate maximum_count_rate outcome_count accidental_count discarded_count "
        "pulse_count probability duration time_interval",
        "a count, a time or a setting that figures are made of",
    ),
    _none(
        "dead_time dead_time_fraction reset_time recovery_time latency",
        "says how fast an instrument is ready again",
    ),
    _none(
        "bias_voltage bias_current temperature temperature_difference field_amplitude_level",
        "a condition under which something is measured",
    ),
    _none(
        "fibre_length group_index delay_temperature_coefficient dispersion_coefficient "
        "spectral_width polarization_dispersion_coefficient polarization_projection "
        "geodetic_latitude longitude ellipsoidal_height height_difference "
        "acceleration_of_gravity",
        "a property of the path or the place, from which corrections are computed",
    ),
)
