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
from qtrace.quantity.units import divide, parse_unit
from qtrace.traceability.aged_parent import aged_parent
from qtrace.traceability.drift import Ageing
from qtrace.traceability.forms import refuse_as_parent
from qtrace.traceability.shared_part import SharedInput, joined
from qtrace.uncertainty.correlation import check_correlation
from qtrace.uncertainty.evaluation import ModelFunction
from qtrace.uncertainty.inputs import CorrelationBlock, InputQuantity
from qtrace.uncertainty.network import Network, standard_uncertainty
from qtrace.uncertainty.random_walk import with_random_walks
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
        ages: Mapping[int, Ageing],
        statements: Mapping[str, InputQuantity],
    ) -> None:
        known = [*(one for age in ages.values() for one in age.inputs), *statements.values()]
        base = replace(base, inputs={**base.inputs, **{one.input_id: one for one in known}})
        self.ages, self.statements = ages, statements
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
        return with_random_walks(
            Network(
                {**self.base.results, **self.own_results},
                {**self.base.inputs, **own},
                (*self.base.blocks, *self.network_blocks),
            )
        )

    def take_inputs(self) -> None:
        """Give every name of the file its value, dimension and source."""
        for one in self.draft.inputs:
            if one.shared and one.quantity is not None:
                self.shared_input(one, one.quantity)
            elif one.quantity is not None:
                self.own_input(one, one.quantity)
            elif one.statement:
                self.statement(one)
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
        value = result.value
        argument = NewArgument(one.name, 0.0, parent_id=recorded.result_id)
        result_id = recorded.result_id
        age = self.ages.get(recorded.result_id)
        if age is not None:
            aged, warning = aged_parent(
                one.name,
                recorded,
                age,
                self.draft.event,
                network=self.base,
                conditions=one.conditions,
            )
            if warning:
                self.warnings.append(f"{one.place}: {warning}")
            if aged is not None:
                for quantity in aged.inputs:
                    if quantity.name not in {known.name for known in self.inputs}:
                        self.inputs.append(quantity)
                self.added_origins.update(aged.origins)
                result_id = self.keep(aged.result)
                value, u = aged.result.value, aged.result.standard_uncertainty
                argument = NewArgument(one.name, 0.0, own_result_name=aged.result.name)
        dimension = find_kind(recorded.measurand.kind).dimension
        self.sources[one.name] = Source(value, dimension, u, argument, result_id=result_id)

    def statement(self, one: InputDraft) -> None:
        """Take an input that a statement owns, shared with all who refer to it."""
        quantity = self.statements[one.statement]
        self.sources[one.name] = Source(
            quantity.estimate,
            parse_unit(quantity.unit).dimension,
            quantity.standard_uncertainty,
            NewArgument(one.name, 0.0, input_id=quantity.input_id),
            input_id=quantity.input_id,
        )

    def shared_input(self, one: InputDraft, quantity: InputQuantity) -> None:
        """Take a certificate as its remainder and the parts that statements own."""
        dimension = parse_unit(quantity.unit).dimension
        parts = []
        for part in one.shared:
            stated = self.statements[part.statement]
            below = parse_unit(stated.unit).dimension
            check_dimension(
                f"{part.place}: the sensitivity",
                parse_unit(part.unit).dimension,
                divide(dimension, below),
            )
            parts.append(SharedInput(stated, part.sensitivity))
        certificate = one.origin.certificate if one.origin is not None else None
        about = find_kind(certificate.kind if certificate is not None else "")
        check_dimension(about.name, dimension, about.dimension)
        own, whole = joined(quantity, parts, kind=about.name, unit=about.unit, where=str(one.place))
        self.inputs.append(own)
        result_id = self.keep(whole)
        self.sources[one.name] = Source(
            whole.value,
            dimension,
            whole.standard_uncertainty,
            NewArgument(one.name, 0.0, own_result_name=whole.name),
            result_id=result_id,
        )

    def keep(self, made: NewResult) -> int:
        """Keep a linear result of this event that the file does not name; return its id here."""
        result_id = self.first_result + len(self.results)
        places = {quantity.name: self.first_input + k for k, quantity in enumerate(self.inputs)}
        arguments = tuple(
            Argument(a.name, a.sensitivity, a.parent_id, places.get(a.input_name, a.input_id))
            for a in made.arguments
        )
        self.own_results[result_id] = Result(result_id, made.value, made.model, arguments)
        self.results.append(made)
        self.result_ids[made.name] = result_id
        self.about[result_id] = RecordedResult(
            result_id,
            self.draft.event.label,
            made.name,
            made.measurand,
            made.unit,
            flags=made.flags,
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
