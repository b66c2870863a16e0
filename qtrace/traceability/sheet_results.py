"""Linear results on the sheet of a calibration: kept with provisional ids, u from the network.

Inside: `keep_result`, `say_more`, `own_block`.
"""

from __future__ import annotations

from dataclasses import replace

from qtrace.laboratory.event import Origin, RecordedResult
from qtrace.laboratory.recording import NewArgument, NewResult
from qtrace.traceability.sheet import Sheet
from qtrace.uncertainty.inputs import CorrelationBlock, InputQuantity
from qtrace.uncertainty.network import standard_uncertainty
from qtrace.uncertainty.results import MODEL_NONLINEARITY, Argument, Result


def keep_result(sheet: Sheet, result: NewResult) -> NewResult:
    """Keep a linear result of the event under a provisional id; return it with its u.

    Args:
        sheet: The state while a file is evaluated.
        result: Its arguments name own inputs, own results, or what is recorded.
    """
    result_id = sheet.first_result + len(sheet.results)
    places = {quantity.name: k for k, quantity in enumerate(sheet.inputs)}

    def source(one: NewArgument) -> Argument:
        if one.input_name:
            input_id = sheet.first_input + places[one.input_name]
            return Argument(one.name, one.sensitivity, input_id=input_id)
        if one.own_result_name:
            parent = sheet.result_ids[one.own_result_name]
            return Argument(one.name, one.sensitivity, parent_id=parent)
        return Argument(one.name, one.sensitivity, one.parent_id, one.input_id)

    arguments = tuple(source(one) for one in result.arguments)
    sheet.own_results[result_id] = Result(result_id, result.value, result.model, arguments)
    u = standard_uncertainty(sheet.network(), result_id)
    kept = replace(result, standard_uncertainty=u)
    sheet.results.append(kept)
    sheet.result_ids[kept.name] = result_id
    sheet.about[result_id] = RecordedResult(
        result_id,
        sheet.draft.event.label,
        kept.name,
        kept.measurand,
        kept.unit,
        flags=kept.flags,
    )
    return kept


def say_more(
    sheet: Sheet, kept: NewResult, flag: str, beside: tuple[InputQuantity, Origin] | None
) -> NewResult:
    """Flag the result kept last, and let an input stand beside its model; return it with its u.

    Args:
        sheet: The state while a file is evaluated.
        kept: The last result on the sheet.
        flag: Added to those of the result.
        beside: What first order misses, None for nothing.
    """
    result_id = sheet.result_ids[kept.name]
    made = replace(kept, flags=(*kept.flags, flag))
    if beside is not None:
        more = sheet.stand_beside(result_id, MODEL_NONLINEARITY, *beside)
        u = standard_uncertainty(sheet.network(), result_id)
        made = replace(made, standard_uncertainty=u, arguments=(*made.arguments, more))
    sheet.results[-1] = made
    sheet.about[result_id] = replace(sheet.about[result_id], flags=made.flags)
    return made


def own_block(sheet: Sheet, block: CorrelationBlock) -> CorrelationBlock:
    """Put a block of own inputs on the sheet; return it with positions for recording.

    Args:
        sheet: The state while a file is evaluated.
        block: Its `input_ids` are positions among the own inputs, from 1.
    """
    ids = tuple(sheet.first_input + place - 1 for place in block.input_ids)
    sheet.network_blocks.append(replace(block, input_ids=ids))
    return block
