"""One `[input.NAME]` table of a calibration file that takes its value from time tags.

Inside: `read_tag_input`.
"""

from __future__ import annotations

from qtrace.errors import InputError
from qtrace.exchange.tag_fields import Asked
from qtrace.exchange.tag_files import TagFiles
from qtrace.exchange.tag_reduction import REDUCTIONS, Figure
from qtrace.exchange.toml_table import TomlTable
from qtrace.laboratory.draft import InputDraft
from qtrace.laboratory.event import EndKind, Origin
from qtrace.laboratory.figure_flags import LOST_TAGS
from qtrace.laboratory.time_tags import TagFaults
from qtrace.uncertainty.inputs import Evaluation, InputQuantity

# The tags say these; beside them they would say the same twice.
_FOLLOWS = ("value", "u", "U", "u_relative", "readings", "distribution", "dof", "n", "s")
_TO_WARN = ("live time assumed", "not stationary")


def read_tag_input(
    name: str, table: TomlTable, files: TagFiles
) -> tuple[InputDraft, tuple[str, ...]]:
    """Read an input that is reduced from a tag file.

    Args:
        name: Name of the input.
        table: The table [input.NAME] with `tags`, `reduction` and its options.
        files: Tag files of the calibration file, with the tagger and its lock.

    Returns:
        The draft, and warnings with their places: lost tags, what was assumed.

    Raises:
        InputError: no lock statement, an unknown reduction or option, a value beside it, or what
            the reduction refuses; with its place.
    """
    for key in _FOLLOWS:
        if table.has(key):
            raise table.error(
                key, f'"{key}" beside "tags": the tags give it', next_step="keep one of the two"
            )
    tags = files.read(table)
    reduction = REDUCTIONS[table.one_of("reduction", tuple(REDUCTIONS))]
    chosen = table.text("reduction")
    try:
        figure = reduction.function(Asked(table, tags, files))
    except InputError as error:
        if error.where:
            raise
        raise table.error("reduction", error.what, next_step=error.next_step) from None
    table.optional_text("note")
    lost = _lost(tags.stream.faults)
    said = tuple(one for one in (figure.interval, *figure.notes) if one)
    flags = (*table.texts("flags"), *lost, *files.flags(), f"{chosen} from {tags.note}", *said)
    table.finish()
    draft = InputDraft(
        name=name,
        place=table.place(),
        quantity=_quantity(name, figure, f"{chosen} from {tags.name}", flags, reduction.unit),
        origin=Origin(
            end=EndKind.COUNTING if reduction.counted else None,
            statement=f"{reduction.title}; {tags.note}",
            instrument=files.tagger if reduction.timed else "",
            instrument_kind="time_base_frequency" if reduction.timed else "",
        ),
    )
    doubts = [one for one in said if one.startswith(_TO_WARN)]
    warnings = tuple(f"{table.place('tags')}: {one}" for one in (*lost, *doubts))
    return draft, warnings


def _quantity(
    name: str, figure: Figure, text: str, flags: tuple[str, ...], unit: str
) -> InputQuantity:
    """Return the input quantity of a figure."""
    assigned = figure.assigned
    return InputQuantity(
        input_id=0,
        name=name,
        estimate=assigned.estimate,
        standard_uncertainty=assigned.standard_uncertainty,
        unit=unit,
        distribution=assigned.distribution,
        evaluation=Evaluation.A,
        degrees_of_freedom=assigned.degrees_of_freedom,
        text=text,
        flags=flags,
        parameters=assigned.parameters,
    )


def _lost(faults: TagFaults) -> tuple[str, ...]:
    """Return the flag of a stream that lacks tags, and a note of one that was put in order."""
    found: tuple[str, ...] = ()
    if faults.lost:
        found = (
            f"{LOST_TAGS}: {faults.overflows} overflows, {faults.missed} missed, "
            f"{faults.truncated_bytes} bytes left over at the end",
        )
    if faults.out_of_order:
        found = (*found, f"{faults.out_of_order} steps back in time, put in order")
    return found
