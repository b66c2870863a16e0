"""The state while one calibration file is evaluated: its names, what they stand for, its network.

Inside: `MetricModel`, `Source`, `Sheet`, `check_dimension`.

The parents' network is extended by provisional ids, so that a calibration can be looked at
before it is recorded, with the same algebra that will serve it afterwards.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from qtrace.errors import InputError, UnitError
from qtrace.laboratory.draft import CalibrationDraft, InputDraft, ResultDraft
from qtrace.laboratory.event import Origin, RecordedResult
from qtrace.laboratory.recording import NewArgument, NewResult
from qtrace.quantity.dimension import Dimension, dimension_text
from qtrace.quantity.kinds import kind as find_kind
from qtrace.quantity.units import parse_unit
from qtrace.traceability.drift import ParentAge, aged_parent
from qtrace.traceability.forms import refuse_as_parent
from qtrace.uncertainty.correlation import check_correlation
from qtrace.uncertainty.evaluation import ModelFunction
from qtrace.uncertainty.inputs import CorrelationBlock, InputQuantity
from qtrace.uncertainty.network import Network, standard_uncertainty
from qtrace.uncertainty.results import Argument, Result


@dataclass(frozen=True, slots=True)
class MetricModel:
    """What of a metric is needed here: its version, result kind, argument kinds, function."""

    version: str
    result_kind: str
    argument_kinds: Mapping[str, str]
    required: frozenset[str]
    function: ModelFunction


@dataclass(frozen=True, slots=True)
class Source:
    """What a name in a model stands for."""

    value: float
    dimension: Dimension
    uncertainty: float
    new_argument: NewArgument  # sensitivity still 0
    result_id: int | None = None
    input_id: int | None = None


class Sheet:
    """The state while one file is evaluated."""

    def __init__(
        self,
        draft: CalibrationDraft,
        parents: Mapping[str, RecordedResult],
        base: Network,
        about: Mapping[int, RecordedResult],
        metrics: Mapping[str, MetricModel],
        ages: Mapping[int, ParentAge],
    ) -> None:
        rates = [age.drift_rate for age in ages.values() if age.drift_rate is not None]
        base = replace(base, inputs={**base.inputs, **{one.input_id: one for one in rates}})
        self.ages = ages
        self.draft, self.parents, self.base, self.metrics = draft, parents, base, metrics
        self.about = dict(about)
        self.inputs: list[InputQuantity] = []
        self.results: list[NewResult] = []
        self.own_results: dict[int, Result] = {}
        self.result_ids: dict[str, int] = {}
        self.sources: dict[str, Source] = {}
        self.added_origins: dict[str, Origin] = {}
        self.stated_as: dict[str, str] = {}  # name in this file to the form it is stated in
        self.network_blocks: list[CorrelationBlock] = []
        self.warnings: list[str] = list(draft.warnings)
        self.first_input = max(base.inputs, default=0) + 1
        self.first_result = max(base.results, default=0) + 1

    def network(self) -> Network:
        """Return parents and own results as one network."""
        own = {self.first_input + k: q for k, q in enumerate(self.inputs)}
        return Network(
            {**self.base.results, **self.own_results},
            {**self.base.inputs, **own},
            (*self.base.blocks, *self.network_blocks),
        )

    def take_inputs(self) -> None:
        """Give every name of the file its value, dimension and source."""
        for one in self.draft.inputs:
            if one.quantity is not None:
                self.own_input(one, one.quantity)
            elif one.reference and one.reference not in {r.name for r in self.draft.results}:
                self.reference(one)

    def own_input(self, one: InputDraft, quantity: InputQuantity) -> None:
        """Take an own input quantity of the event."""
        self.inputs.append(quantity)
        self.sources[one.name] = Source(
            quantity.estimate,
            parse_unit(quantity.unit).dimension,
            quantity.standard_uncertainty,
            NewArgument(one.name, 0.0, input_name=one.name),
            input_id=self.first_input + len(self.inputs) - 1,
        )

    def reference(self, one: InputDraft) -> None:
        """Take a result of another event as parent, brought to the date of this event."""
        recorded = self.parents[one.reference]
        if not one.as_posterior:
            try:
                refuse_as_parent(recorded.label, recorded.form)
            except InputError as error:
                raise error.located(str(one.place)) from None
        result = self.base.result(recorded.result_id)
        u = standard_uncertainty(self.base, recorded.result_id)
        argument = NewArgument(one.name, 0.0, parent_id=recorded.result_id)
        result_id = recorded.result_id
        age = self.ages.get(recorded.result_id)
        if age is not None:
            aged, warning = aged_parent(
                one.name, recorded, age, self.draft.event, value=result.value, u=u
            )
            if warning:
                self.warnings.append(f"{one.place}: {warning}")
            if aged is not None:
                result_id = self.keep(aged)
                u = aged.standard_uncertainty
                argument = NewArgument(one.name, 0.0, own_result_name=aged.name)
        dimension = find_kind(recorded.measurand.kind).dimension
        self.sources[one.name] = Source(result.value, dimension, u, argument, result_id=result_id)

    def keep(self, aged: NewResult) -> int:
        """Keep a parent at its time of use as a result of this event; return its id here."""
        result_id = self.first_result + len(self.results)
        arguments = tuple(
            Argument(one.name, one.sensitivity, one.parent_id, one.input_id)
            for one in aged.arguments
        )
        self.own_results[result_id] = Result(result_id, aged.value, aged.model, arguments)
        self.results.append(aged)
        self.result_ids[aged.name] = result_id
        self.about[result_id] = RecordedResult(
            result_id, self.draft.event.label, aged.name, aged.measurand, aged.unit
        )
        return result_id

    def stand_beside(
        self, result_id: int, name: str, quantity: InputQuantity, origin: Origin
    ) -> NewArgument:
        """Take an input that stands beside the model of an own result, with sensitivity 1."""
        self.inputs.append(quantity)
        self.added_origins[quantity.name] = origin
        input_id = self.first_input + len(self.inputs) - 1
        result = self.own_results[result_id]
        more = Argument(name, 1.0, input_id=input_id)
        self.own_results[result_id] = replace(result, arguments=(*result.arguments, more))
        return NewArgument(name, 1.0, input_name=quantity.name)

    def take_blocks(self) -> tuple[CorrelationBlock, ...]:
        """Check the declared correlations; return them with positions for recording."""
        position = {quantity.name: k + 1 for k, quantity in enumerate(self.inputs)}
        recorded = []
        for block in self.draft.blocks:
            repaired = check_correlation(block.matrix, block.decimals, where=str(block.place))
            if not np.array_equal(repaired, block.matrix):
                self.warnings.append(f"{block.place}: correlation matrix repaired within rounding")
            places = tuple(position[name] for name in block.names)
            dof = math.inf if block.degrees_of_freedom is None else block.degrees_of_freedom
            made = CorrelationBlock(
                0, block.kind, places, repaired, block.matrix, dof, block.reason
            )
            recorded.append(made)
            ids = tuple(self.first_input + place - 1 for place in places)
            self.network_blocks.append(replace(made, input_ids=ids))
        return tuple(recorded)

    def offer(self, draft: ResultDraft, value: float, u: float, *, result_id: int) -> None:
        """Let later results of the file use this one, under its name or an input's name."""
        source = Source(
            value,
            find_kind(draft.measurand.kind).dimension,
            u,
            NewArgument(draft.name, 0.0, own_result_name=draft.name),
            result_id=result_id,
        )
        self.sources[draft.name] = source
        for one in self.draft.inputs:
            if one.reference == draft.name:
                form = self.stated_as.get(draft.name, "estimate")
                self.stated_as[one.name] = "estimate" if one.as_posterior else form
                argument = replace(source.new_argument, name=one.name)
                self.sources[one.name] = replace(source, new_argument=argument)


def check_dimension(name: str, found: Dimension, expected: Dimension) -> None:
    """Refuse a dimension other than the kind of quantity has."""
    if found != expected:
        raise UnitError(
            f"{name} has the dimension {dimension_text(found)}, "
            f"expected {dimension_text(expected)}",
            next_step="check the units of the inputs and the model",
        )
