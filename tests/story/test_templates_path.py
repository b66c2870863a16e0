"""A stranger asks for a template, records it as it stands, and gets figures that an audit confirms."""

from __future__ import annotations

from pathlib import Path

import pytest
from stranger import Laboratory

FIGURES = {
    "chsh_complete": ("p_value", "key_fraction", "key_per_use", "certified_key_per_use"),
    "tf_sns": ("qber", "single_yield", "phase_error", "key_per_use"),
    "state_tomography": ("fidelity_direct", "fidelity_ml", "purity", "concurrence"),
    "bbm92": ("qber", "finite_length_gamma", "certified_length_gamma"),
}


@pytest.mark.parametrize("protocol", sorted(FIGURES))
def test_a_template_is_recorded_recomputed_and_audited(tmp_path: Path, protocol: str) -> None:
    here = Laboratory(tmp_path)
    assert here.qtrace("init").code == 0
    link = (
        '[[laboratory]]\nid = "LAB"\nname = "Laboratory"\n'
        f'[[link]]\nid = "LINK-1"\ntitle = "a link"\nprotocol = "{protocol}"\n'
        'endpoints = ["A", "B"]\n'
    )
    here.write("link.toml", link)
    assert here.qtrace("laboratory add link.toml").code == 0
    here.write("run.toml", here.qtrace(f"run template {protocol}", text=True).out)
    assert here.qtrace("run add run.toml").code == 0
    done = here.qtrace("recompute RUN-1")
    assert done.code == 0, done
    found = {one["label"].rsplit("/", 1)[-1]: one for one in done.answer["results"]}
    assert set(FIGURES[protocol]) <= set(found)
    if protocol == "tf_sns":  # a bound is no proportion of counts, and the estimate has its u
        assert found["phase_error"]["interval"] is None
        assert found["qber"]["interval"] is not None
        assert float(found["key_per_use"]["standard_uncertainty"]) > 0.0
    assert here.qtrace("audit --all").code == 0
