"""Records to documents and back, without loss: decimal strings, no floats, no surprises.

Inside: `encode`, `decode`, `ADDED_LATER`.

A document must be readable by a stranger with other software, so numbers are decimal strings
in one grammar (shortest text that gives back the same double), times are UTC with a Z, and
every field of a record is present. Unknown or missing fields refuse.

Records grow. A field that was added after documents had been issued is declared in
`ADDED_LATER`: where it is missing it has its default, and where it has its default it is not
written. So a record has one document only, old ones decode, and they encode to themselves.
"""

from __future__ import annotations

import dataclasses
import math
import types
import typing
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from typing import Any, TypeVar

import numpy as np

from qtrace.errors import InputError
from qtrace.quantity.notation import decimal_text, parse_decimal_text

T = TypeVar("T")
Document = Any  # None, bool, int, str, list and dict of documents: what canonical JSON holds

# Type to the fields that came after its first documents; each has a default in the type.
ADDED_LATER: Mapping[str, tuple[str, ...]] = types.MappingProxyType(
    {
        "InputQuantity": ("parameters",),
        "BudgetLine": ("note",),
        "ResultStatement": (
            "known_bias",
            "linear_refused",
            "bounded_interval",
            "bounded_method",
        ),
        "CalibrationProgramme": ("recorded_at",),
        "CertificateReference": ("kind", "issued"),
        "CaseFile": ("judgement",),
        "DecisionRule": ("risk",),
        "Criterion": ("mask",),
        "Requirement": ("needs",),
        "Evidence": ("known_bias", "posterior", "posterior_level"),
        "Coverage": (
            "joint_conformity",
            "joint_conformity_error",
            "joint_conformity_bounded",
            "joint_conformity_method",
        ),
        "RecordedResult": ("state",),
        "RoleUse": ("calibration",),
        "Dossier": ("found",),
        "Competence": ("conditions",),
        "Run": (
            "protocol",
            "choices",
            "moments",
            "assumptions",
            "ideal_because",
            "plan_id",
            "status",
            "files",
        ),
        "RunFile": ("wavelength_channel",),
    }
)

INFINITE = "infinite"
TIME_FORMAT = "%Y-%m-%dT%H:%M:%S.%fZ"


def _encode_float(value: float) -> str:
    if math.isnan(value):
        raise InputError("NaN cannot be written into a document")
    if math.isinf(value):
        return INFINITE if value > 0 else f"-{INFINITE}"
    return decimal_text(value)


def _decode_float(text: object) -> float:
    if not isinstance(text, str):
        raise InputError(f"a number must be a decimal string, not {text!r}")
    if text in {INFINITE, f"-{INFINITE}"}:
        return math.inf if text == INFINITE else -math.inf
    return parse_decimal_text(text)


def encode(value: object) -> Document:
    """Return a record as a document.

    Raises:
        InputError: NaN, a time without zone, or a type that documents cannot hold.
    """
    match value:
        case None | bool() | int() if not isinstance(value, StrEnum):
            return value
        case StrEnum():
            return value.value
        case str():
            return value
        case float() | np.floating():
            return _encode_float(float(value))
        case datetime():
            if value.tzinfo is None:
                raise InputError(f"the time {value} has no zone")
            return value.astimezone(UTC).strftime(TIME_FORMAT)
        case np.ndarray():
            return encode(value.tolist())
        case tuple() | list():
            return [encode(item) for item in value]
        case frozenset() | set():
            return sorted(encode(item) for item in value)
        case Mapping():
            return {_encode_key(key): encode(item) for key, item in value.items()}
        case _ if dataclasses.is_dataclass(value) and not isinstance(value, type):
            later = _later_defaults(type(value))
            return {
                one.name: encode(getattr(value, one.name))
                for one in dataclasses.fields(value)
                if not one.name.startswith("_")
                and not (one.name in later and getattr(value, one.name) == later[one.name])
            }
        case _:
            raise InputError(f"a {type(value).__name__} cannot be written into a document")


def _encode_key(key: object) -> str:
    """Return a key as text; the parts of a key of several words are joined by a dot."""
    if isinstance(key, tuple):
        return ".".join(str(part) for part in key)
    return str(key)


@cache
def _later_defaults(kind: type) -> dict[str, object]:
    """Return the defaults of the fields that came later; a declared one without is an error."""
    found: dict[str, object] = {}
    fields = {one.name: one for one in dataclasses.fields(kind)}
    for name in ADDED_LATER.get(kind.__name__, ()):
        default = fields[name].default
        factory = fields[name].default_factory
        if default is dataclasses.MISSING and factory is not dataclasses.MISSING:
            default = factory()
        if default is dataclasses.MISSING:
            raise TypeError(f"{kind.__name__}.{name} came later and has no default")
        found[name] = default
    return found


@cache
def _hints(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def decode(kind: type[T], document: Document, *, where: str = "document") -> T:
    """Return the record of a type that a document holds.

    Args:
        kind: Record type, or a typing form such as tuple[Record, ...].
        document: What `encode` wrote.
        where: Path named in errors.

    Raises:
        InputError: unknown or missing fields, wrong types, malformed numbers or times.
    """
    result: T = _decode(kind, document, where)
    return result


def _decode(kind: Any, document: Document, where: str) -> Any:  # noqa: ANN401
    origin = typing.get_origin(kind)
    if origin in {typing.Union, types.UnionType}:
        return _decode_union(kind, document, where)
    if origin is np.ndarray:
        return np.array(_decode(tuple[tuple[float, ...], ...], document, where), dtype=np.float64)
    if origin in {tuple, list, frozenset}:
        return _decode_sequence(kind, document, where)
    if origin is not None and issubclass(origin, Mapping):
        return _decode_mapping(kind, document, where)
    if kind is float:
        return _located(_decode_float, document, where)
    if kind is datetime:
        return _located(_decode_time, document, where)
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return _located(kind, _typed(str, document, where), where)
    if dataclasses.is_dataclass(kind):
        return _decode_record(kind, document, where)  # type: ignore[arg-type]
    return _typed(kind, document, where)


def _typed(kind: Any, document: Document, where: str) -> Any:  # noqa: ANN401
    if type(document) is not kind:
        expected = getattr(kind, "__name__", str(kind))
        raise InputError(f"expected {expected}, found {document!r:.60}", where=where)
    return document


def _located(read: Any, document: Document, where: str) -> Any:  # noqa: ANN401
    try:
        return read(document)
    except InputError as error:
        raise error.located(where) from None
    except ValueError as error:
        raise InputError(str(error), where=where) from None


def _decode_time(text: object) -> datetime:
    if not isinstance(text, str):
        raise InputError(f"a time must be text, not {text!r}")
    time = datetime.strptime(text, TIME_FORMAT).replace(tzinfo=UTC)
    if time.strftime(TIME_FORMAT) != text:
        raise InputError(f"the time {text!r} is not written as YYYY-MM-DDThh:mm:ss.ffffffZ")
    return time


def _decode_union(kind: Any, document: Document, where: str) -> Any:  # noqa: ANN401
    members = [member for member in typing.get_args(kind) if member is not type(None)]
    if document is None:
        return None
    return _decode(members[0], document, where)


def _decode_sequence(kind: Any, document: Document, where: str) -> Any:  # noqa: ANN401
    items = _typed(list, document, where)
    args = typing.get_args(kind)
    origin = typing.get_origin(kind)
    if origin is tuple and not (len(args) == 2 and args[1] is Ellipsis):
        if len(items) != len(args):
            raise InputError(f"expected {len(args)} items, found {len(items)}", where=where)
        pairs = list(zip(args, items, strict=True))
    else:
        pairs = [(args[0], item) for item in items]
    return origin(_decode(one, item, f"{where}[{k}]") for k, (one, item) in enumerate(pairs))


def _decode_mapping(kind: Any, document: Document, where: str) -> Any:  # noqa: ANN401
    items = _typed(dict, document, where)
    key_kind, value_kind = typing.get_args(kind)
    decoded = {}
    for key, item in items.items():
        own_key: Document = key
        if key_kind is int and key.isdecimal():
            own_key = int(key)
        elif typing.get_origin(key_kind) is tuple:
            own_key = key.split(".")
        decoded[_decode(key_kind, own_key, where)] = _decode(value_kind, item, f"{where}.{key}")
    return decoded


def _decode_record(kind: type, document: Document, where: str) -> Any:  # noqa: ANN401
    items = _typed(dict, document, where)
    hints = _hints(kind)
    names = [one.name for one in dataclasses.fields(kind) if not one.name.startswith("_")]
    later = _later_defaults(kind)
    unknown = sorted(set(items) - set(names))
    missing = sorted(set(names) - set(items) - set(later))
    if unknown or missing:
        raise InputError(
            f"{kind.__name__}: "
            + "; ".join(
                part
                for part in (
                    f"unknown fields {', '.join(unknown)}" if unknown else "",
                    f"missing fields {', '.join(missing)}" if missing else "",
                )
                if part
            ),
            where=where,
            next_step="the document was written by other software or another version",
        )
    record = kind(
        **{
            name: _decode(hints[name], items[name], f"{where}.{name}")
            for name in names
            if name in items
        }
    )
    for name in later:
        if name in items and getattr(record, name) == later[name]:
            raise InputError(
                f"{kind.__name__}: {name} is written although it says nothing",
                where=where,
                next_step="leave it out: a record has one document only",
            )
    return record
