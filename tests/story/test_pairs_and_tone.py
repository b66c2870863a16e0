"""From counts of swapped pairs, of tomography, and from a phase: judged, sealed, verified.

Everything here is made up; counts are those of a Werner state without scatter.
"""

from __future__ import annotations

import pytest
from stranger import Laboratory

WIDEST = 80
SETTINGS = [f"{a}{b}" for a in "xyz" for b in "xyz"]
OPPOSED = frozenset({"yy"})  # of phi+ the results in y disagree
REGISTER = """\
[[laboratory]]
id = "PT-LAB"
name = "Made-up laboratory"
note = "made up"
""" + "".join(
    f"""
[[device]]
id = "{name}"
class = "{group}"
manufacturer = "made up"
model = "made up"
serial = "{name}"

[[programme]]
device = "{name}"
kind = "{kind}"
interval = "1 a"
decided_by = "made up"
valid_from = 2026-01-01T00:00:00Z
"""
    for name, group, kind in (
        ("PT-COUNTER", "counter", "time_base_frequency"),
        ("PT-PAIRS-1", "photon_source", "pair_fidelity"),
        ("PT-PAIRS-2", "photon_source", "pair_fidelity"),
        ("PT-CLOCK", "clock", "frequency"),
    )
)
CALIBRATION = """\
[calibration]
id = "CAL-{device}"
device = "{device}"
laboratory = "PT-LAB"
performed = 2026-04-20T08:00:00Z
procedure = "made up"
validation = "made up"
provenance = "simulated"
source = "made up"

[input.read]
value = "{value}"
u = "{u}"
end = "own_realisation"
statement = "made-up reference"

[[result]]
measurand = "{kind}"
model = "read"
drift = {{ bound = "{drift}", source = "made up" }}
"""
CALIBRATED = (
    ("PT-COUNTER", "time_base_frequency", "0.2 ppm", "0.05 ppm", "0.1 ppm/a"),
    ("PT-PAIRS-1", "pair_fidelity", "0.95", "0.004", "0.001 /a"),
    ("PT-PAIRS-2", "pair_fidelity", "0.94", "0.004", "0.001 /a"),
    ("PT-CLOCK", "frequency", "1e10 Hz", "1e-3 Hz", "1e-3 Hz/a"),
)
LINK = """\
[[link]]
id = "{link}"
title = "Made-up link"
protocol = "{protocol}"
endpoints = ["A", "B"]
watermark = "SYNTHETIC"
source = "made up"

[link.documents]
"teleportation.pair_source" = "PT-DOC-1, made up"
"teleportation.phase_reading" = "PT-DOC-2, made up"
"""
RUN = """\
[run]
id = "RUN-{link}"
link = "{link}"
protocol = "{protocol}"
started = 2026-05-01T12:00:00Z
ended = 2026-05-01T12:16:40Z
provenance = "simulated"
key_disposition = "never_used"
source = "made up"
"""
ROLES = {
    "entanglement_swapping": ("counter:PT-COUNTER", "link_1:PT-PAIRS-1", "link_2:PT-PAIRS-2"),
    "state_tomography": (),
    "calibration_tone": ("clock:PT-CLOCK",),
}


def roles(protocol: str, table: str) -> str:
    pairs = (one.split(":") for one in ROLES[protocol])
    return "".join(f'\n[[{table}]]\nrole = "{role}"\ndevice = "{of}"\n' for role, of in pairs)


def swapped(errors: int) -> str:
    """1000 coincidences in each basis, so many of them errors."""
    rows = "".join(f'  ["{basis}", 1000, {errors}],\n' for basis in "xyz")
    head = "\n[parameters]\nheralds = 44000\n\n[counts]\n"
    return f'{head}columns = ["basis", "sifted", "errors"]\nrows = [\n{rows}]\n'


def reconstructed(weight: float) -> str:
    """1000 pairs in each setting of the Werner state of phi+ with that weight."""
    rows = []
    for one in SETTINGS:
        contrast = weight if one[0] == one[1] else 0.0
        signed = -contrast if one in OPPOSED else contrast
        same, other = round(250 * (1 + signed)), round(250 * (1 - signed))
        rows.append(f'  ["{one}", {same}, {other}, {other}, {same}],\n')
    columns = '["settings", "pp", "pm", "mp", "mm"]'
    return f"\n[counts]\ncolumns = {columns}\nrows = [\n{''.join(rows)}]\n"


def tone(phase: float, u: str = "phase_deviation_u = 0.01") -> str:
    return (
        f'\n[parameters]\naveraging_time = "100 s"\n\n[moments]\nphase_deviation = {phase}\n{u}\n'
    )


def add(made: Laboratory, link: str, protocol: str, body: str, *, choice: str = "") -> None:
    """Add a link with its run, and recompute it."""
    made.write(
        "link.toml",
        (LINK.format(link=link, protocol=protocol) + roles(protocol, "link.role")).encode(),
    )
    text = RUN.format(link=link, protocol=protocol) + choice + body + roles(protocol, "role")
    made.write("run.toml", text.encode())
    for line in ("link add link.toml", "run add run.toml", f"recompute RUN-{link}"):
        done = made.qtrace(line)
        assert done.code == 0, f"{line}: {done.said}"


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Laboratory:
    made = Laboratory(tmp_path_factory.mktemp("pairs"))
    made.write("register.toml", REGISTER.encode())
    lines = ["init", "key create lab --person T --organisation L", "laboratory add register.toml"]
    for device, kind, value, u, drift in CALIBRATED:
        text = CALIBRATION.format(device=device, kind=kind, value=value, u=u, drift=drift)
        made.write(f"{device}.toml", text.encode())
        lines.append(f"calibration add {device}.toml")
    for line in lines:
        done = made.qtrace(line)
        assert done.code == 0, f"{line}: {done.said}"
    add(made, "SWAP", "entanglement_swapping", swapped(72))
    add(made, "TOMO", "state_tomography", reconstructed(0.9), choice='target = "phi_plus"\n')
    add(made, "TONE", "calibration_tone", tone(0.03))
    return made


def sealed(made: Laboratory, link: str, scheme: str, met: tuple[str, ...]) -> str:
    """Assess, certify, verify; return what the assessment said."""
    assessed = made.qtrace(f"assess {link} --scheme {scheme}", text=True)
    assert assessed.code == 0, assessed.said
    for one in met:
        assert f"MET {one}" in assessed.said, f"{one}: {assessed.said}"
    assert "NOT MET" not in assessed.said
    bundle = f"bundles/{link}.json"
    done = made.qtrace(f"certify {link} --scheme {scheme} --key lab --bundle {bundle}", text=True)
    assert done.code == 0, done.said
    assert "DEMONSTRATED [SYNTHETIC] DEMONSTRATION" in done.said
    checked = made.qtrace(f"certificate verify {bundle} --key keys/lab.pub.json", text=True)
    assert checked.code == 0, checked.said
    assert "CONSISTENT" in checked.said
    return assessed.said


def refused(made: Laboratory, link: str, scheme: str, says: str) -> None:
    assessed = made.qtrace(f"assess {link} --scheme {scheme}")
    assert assessed.code == 0, assessed.said
    done = made.qtrace(f"certify {link} --scheme {scheme} --key lab", text=True)
    assert done.code == 1, done.said
    assert "REFUSED" in done.said
    assert says in done.said, done.said


def test_swapped_pairs_are_judged_by_what_was_observed(bench: Laboratory) -> None:
    said = sealed(
        bench, "SWAP", "entanglement-check", ("ENT-01", "ENT-02", "ENT-03", "ENT-04", "ENT-05")
    )
    assert "NOT EVALUABLE ENT-06" in said, "nobody attested the document"
    assert "MET ENT-07" not in said, "no tomography was done"


def test_a_swap_that_left_no_entanglement_is_refused(bench: Laboratory) -> None:
    add(bench, "NOISE", "entanglement_swapping", swapped(400))
    refused(bench, "NOISE", "entanglement-check", "ENT-01")


def test_tomography_is_judged_by_the_fidelity_whose_interval_covers(bench: Laboratory) -> None:
    said = sealed(bench, "TOMO", "entanglement-check", ("ENT-07", "ENT-08"))
    assert "MET ENT-01" not in said, "nothing was swapped"


def test_separable_pairs_are_refused(bench: Laboratory) -> None:
    add(bench, "MIXED", "state_tomography", reconstructed(0.2), choice='target = "phi_plus"\n')
    refused(bench, "MIXED", "entanglement-check", "ENT-07")


def test_a_tone_is_judged_by_its_frequency_and_both_chains(bench: Laboratory) -> None:
    said = sealed(bench, "TONE", "tone-check", ("TONE-01", "TONE-02", "TONE-03", "TONE-04"))
    assert "NOT EVALUABLE TONE-05" in said


@pytest.mark.parametrize(
    ("link", "body", "says"),
    [
        ("HIGH", tone(30.0), "TONE-01"),
        ("LOW", tone(-30.0), "TONE-02"),
        ("BARE", tone(0.03, u=""), "TONE-04"),
    ],
)
def test_a_tone_off_either_way_or_without_u_is_refused(
    bench: Laboratory, link: str, body: str, says: str
) -> None:
    add(bench, link, "calibration_tone", body)
    refused(bench, link, "tone-check", says)


@pytest.mark.parametrize(
    ("link", "scheme"), [("TONE", "entanglement-check"), ("SWAP", "tone-check")]
)
def test_another_protocol_shows_nothing(bench: Laboratory, link: str, scheme: str) -> None:
    refused(bench, link, scheme, "no requirement was shown to be met")


def test_a_network_takes_the_observed_fidelity_of_a_swap(bench: Laboratory) -> None:
    """Of both fidelities of a swap the predicted one never counts."""
    bench.write(
        "net.toml",
        b'[network]\nid = "NET"\n[[node]]\nid = "A"\n[[node]]\nid = "B"\n'
        b'[[link]]\nid = "AB"\nnodes = ["A", "B"]\ntype = "swapping"\nrun = "RUN-SWAP"\n',
    )
    pairs = bench.qtrace("network show net.toml --from A --to B").answer["pairs"]
    assert float(pairs["fidelity"]) == pytest.approx(1.0 - 1.5 * 0.072, rel=1e-9)
    wrong = bench.folder / "net.toml"
    wrong.write_bytes(wrong.read_bytes().replace(b"RUN-SWAP", b"RUN-TONE"))
    done = bench.qtrace("network show net.toml --from A --to B")
    assert done.code == 2
    assert "holds no fidelity of pairs" in done.said


def test_a_p_value_breaks_no_chain_of_the_profile(bench: Laboratory) -> None:
    """Tomography rests on counts alone; that a p-value has no u is no break."""
    profile = bench.qtrace("profile RUN-TOMO", text=True)
    assert profile.code == 0, profile.said
    assert "uncertainty missing" not in profile.said
    assert max(map(len, profile.out.splitlines())) <= WIDEST


def test_everything_is_sound_in_the_end(bench: Laboratory) -> None:
    assert bench.qtrace("audit --all").code == 0
