"""The file to fill in reads as it stands for each protocol, and names all that can be said."""

from __future__ import annotations

import pytest

from qtrace.errors import InputError
from qtrace.exchange.plan_file import read_plan_file
from qtrace.exchange.run_file import read_run_file
from qtrace.exchange.run_template import run_template
from qtrace.metrics.catalogue import PROTOCOLS, protocol
from qtrace.metrics.protocol import Protocol
from qtrace.metrics.run_figures import run_results
from qtrace.metrics.run_inputs import run_inputs

# A run of two clocks names files that nobody has yet: tests/exchange/test_clock_run_template.py.
COUNTED = tuple(one for one in PROTOCOLS if not one.comparison)
BY_NAME = pytest.mark.parametrize("form", COUNTED, ids=lambda one: one.name)


@BY_NAME
def test_the_template_reads_as_it_stands(form: Protocol) -> None:
    run = read_run_file(run_template(form).encode(), name="t.toml").run
    assert run.protocol == form.name
    assert set(run.counts) == set(form.table.names() if form.table else ())
    assert set(run.moments) == {one.name for one in form.moments}
    assert run.assumptions == {}, "nothing is declared for the user"
    assert run.ideal_because == {}, "nothing is said to be ideal for the user"
    assert run.plan_id == ""


@BY_NAME
def test_the_figures_of_a_template_can_be_computed(form: Protocol) -> None:
    run = read_run_file(run_template(form).encode(), name="t.toml").run
    inputs, _ = run_inputs(run, form)
    results, _ = run_results(run, form.name, inputs)
    assert results


@BY_NAME
def test_the_template_names_every_parameter_assumption_and_role(form: Protocol) -> None:
    text = run_template(form)
    own = {name for source in form.sources for name in source.arguments("mean_photon_number")}
    for one in (*form.parameters, *form.moments):
        assert f"{one.name} = " in text
    for proof in form.proofs:
        assert proof.bound in text
        for assumed in proof.set_parameters:
            assert assumed.name in own or f"[assumption.{assumed.name}]" in text
    for metric in form.metrics:
        for argument in metric.arguments:
            assert not argument.role or f'role = "{argument.role}"' in text
    assert text.count("[[intensity]]") == sum(one.intensities for one in form.sources)
    assert max(map(len, text.splitlines())) <= 100


@BY_NAME
def test_what_is_in_comments_can_be_taken_out_of_them(form: Protocol) -> None:
    """Plan, status and [net] are read once their comment signs are gone."""
    text = run_template(form)
    for line in ('# plan = "PLAN-1"', '# status = "aborted"', "# [net]"):
        assert line in text
        text = text.replace(line, line[2:])
    for line in ("# authentication_key = 256", "# verification_key = 64"):
        text = text.replace(line, line[2:])
    run = read_run_file(text.encode(), name="t.toml").run
    assert (run.plan_id, run.status) == ("PLAN-1", "aborted")
    assert run.parameters["verification_key"] == 64.0


def test_a_template_is_no_plan() -> None:
    with pytest.raises(InputError, match="plan"):
        read_plan_file(run_template(protocol("bbm92")).encode())


def test_an_unknown_protocol_is_refused() -> None:
    with pytest.raises(InputError, match="bb85"):
        protocol("bb85")
