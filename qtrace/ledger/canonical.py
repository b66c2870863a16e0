r"""One byte string per document: strict canonical JSON, written and read.

Inside: `canonical_bytes`, `parse_canonical`, `parse_canonical_value`, `check_text`, `MAX_DEPTH`.

Reading rejects and never normalises: what is verified is what was stored, byte by byte.
Texts are in NFC, without control, bidirectional or invisible characters, and no line in them
starts with a combining mark, so that a canonical text may itself stand inside a canonical text
(as the two characters of the escape `\n` a newline could otherwise meet the mark and compose).

Source: RFC 8785 (JSON Canonicalization Scheme), RFC 7493 (I-JSON) section 2, UAX #15 (NFC),
UAX #9 (bidirectional formatting characters).
"""

from __future__ import annotations

import json
import math
import re
import unicodedata
from collections.abc import Callable
from typing import Any

import rfc8785

from qtrace.errors import InputError

MAX_DEPTH = 64  # containers inside containers; a document of ours needs about 8
_INTEGER_LIMIT = 2**53  # RFC 7493 section 2.2: beyond it a reader in doubles loses digits
_INTEGER_DIGITS = 16  # of 2**53 - 1
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"

# The list is written out: categories such as Cf change with the Unicode version of the
# interpreter, and a document must not verify on one machine and fail on another.
_FORBIDDEN = re.compile(
    "["
    "\x00-\x08\x0b-\x1f\x7f-\x9f"  # control characters but tab and newline
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # bidirectional formatting
    "\u00ad\u180e\u200b\u2028\u2029\u2060-\u2065\u206a-\u206f\ufeff\ufff9-\ufffb"  # invisible
    "\U000e0000-\U000e007f"  # invisible tags
    "\ud800-\udfff"  # lone surrogates
    "\ufdd0-\ufdef\ufffe\uffff"  # noncharacters
    "]"
)
# A string, closed or not, or one bracket; it never looks at a character twice.
_STRING_OR_BRACKET = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[\]{}]', re.DOTALL)


def canonical_bytes(value: object, *, allow_floats: bool = False) -> bytes:
    r"""Write a value as canonical JSON.

    Args:
        value: None, bool, int, str, list, tuple or dict of these, at most 64 deep.
        allow_floats: Take floats too. Signed documents carry decimal texts instead; database
            rows are digested with their floats. -0.0 is written `0` and 3.0 is written `3`.

    Returns:
        The only UTF-8 byte string that this value has.

    Raises:
        InputError: A value that has no canonical form here; `where` is its path.

    Source: RFC 8785 section 3.2.

    >>> canonical_bytes({"b": [1, True, None], "a": "5 nm"})
    b'{"a":"5 nm","b":[1,true,null]}'
    """
    _check_value(value, "$", depth=0, allow_floats=allow_floats)
    return rfc8785.dumps(value)  # type: ignore[arg-type]  # checked on the line above


def parse_canonical(data: bytes, *, allow_floats: bool = False) -> dict[str, Any]:
    """Read one JSON object that must be in canonical form already.

    Args:
        data: All bytes of the document.
        allow_floats: Take numbers with a fraction or an exponent.

    Returns:
        The object; which fields it must have is for the caller to check.

    Raises:
        InputError: No object, or anything that `parse_canonical_value` refuses.
    """
    value = parse_canonical_value(data, allow_floats=allow_floats)
    if not isinstance(value, dict):
        raise InputError(
            f"The document is not a JSON object but {_type_name(value)}.",
            where="$",
            next_step="Give the file as it was written; a document starts with '{'.",
        )
    return value


def parse_canonical_value(data: bytes, *, allow_floats: bool = False) -> Any:  # noqa: ANN401
    """Read one JSON value of any kind that must be in canonical form already.

    Args:
        data: All bytes of the document.
        allow_floats: Take numbers with a fraction or an exponent. Written floats without a
            fraction come back as int, as JSON knows one kind of number only.

    Returns:
        The value.

    Raises:
        InputError: A byte-order mark, bytes that are no UTF-8, no JSON, a name twice in one
            object, more than 64 levels, a number or text without canonical form, or bytes that
            differ from the canonical form (spaces, order, escapes, trailing bytes).
    """
    text = _decode(data)
    _check_depth(text)
    value = _load(text, allow_floats=allow_floats)
    canonical = canonical_bytes(value, allow_floats=allow_floats)
    if canonical != data:
        raise InputError(
            "The JSON is readable but not in canonical form (RFC 8785).",
            where=_first_difference(canonical, data),
            next_step="Use the bytes as they were issued; reformatting a document breaks it.",
        )
    return value


def check_text(text: str, where: str, *, one_line: bool = False) -> None:
    """Refuse a text that two people could see differently, or two machines could write so.

    Args:
        text: Any text.
        where: Its place, for the message.
        one_line: Refuse newline and tab too, as names and identifiers need.

    Raises:
        InputError: Not NFC; a control, bidirectional or invisible character; a lone surrogate;
            a combining mark at the start of a line.
    """
    found = _FORBIDDEN.search(text) or (re.search("[\n\t]", text) if one_line else None)
    if found:
        raise InputError(
            f"The text has the character U+{ord(found[0]):04X} at position {found.start() + 1}, "
            "which is a control, bidirectional, invisible or broken character.",
            where=where,
            next_step="Remove that character and type the text anew.",
        )
    if text.isascii():
        return
    if not unicodedata.is_normalized("NFC", text):
        raise InputError(
            "The text is not in Unicode normal form C: the same letters have another spelling.",
            where=where,
            next_step="Write accents as one character (NFC).",
        )
    for mark in re.finditer("[\n\t](.)", text):
        if unicodedata.combining(mark[1]):
            raise InputError(
                f"A combining mark (U+{ord(mark[1]):04X}) stands at the start of a line.",
                where=where,
                next_step="Put the letter in front of its mark.",
            )


def _check_value(value: object, path: str, *, depth: int, allow_floats: bool) -> None:
    """Refuse whatever has no single form; the path leads to it."""
    if value is None or isinstance(value, bool):
        return
    if isinstance(value, str):
        check_text(value, path)
    elif isinstance(value, int):
        _check_integer(value, path)
    elif isinstance(value, float):
        _check_float(value, path, allow_floats=allow_floats)
    elif isinstance(value, (list, tuple)):
        _check_nesting(path, depth)
        for position, item in enumerate(value):
            _check_value(item, f"{path}[{position}]", depth=depth + 1, allow_floats=allow_floats)
    elif isinstance(value, dict):
        _check_nesting(path, depth)
        for name, item in value.items():
            _check_name(name, path)
            _check_value(item, f"{path}.{name}", depth=depth + 1, allow_floats=allow_floats)
    else:
        raise InputError(
            f"A value of type {type(value).__name__} has no JSON form.",
            where=path,
            next_step="Give text, integers, true, false, null, lists and objects of these.",
        )


def _check_integer(value: int, path: str) -> None:
    if abs(value) >= _INTEGER_LIMIT:
        raise InputError(
            "An integer of 2^53 or more loses digits in other readers.",
            where=path,
            next_step="Write it as text.",
        )


def _check_float(value: float, path: str, *, allow_floats: bool) -> None:
    if not math.isfinite(value):
        raise InputError(
            f"The number {value} is not finite.",
            where=path,
            next_step="Leave the figure out, or say in words why there is none.",
        )
    if not allow_floats:
        raise InputError(
            f"The number {value!r} is a float; documents carry decimal texts.",
            where=path,
            next_step="Write it as decimal text.",
        )


def _check_nesting(path: str, depth: int) -> None:
    if depth >= MAX_DEPTH:
        shown = path if len(path) <= 80 else f"{path[:80]}..."
        raise InputError(
            f"The document is nested deeper than {MAX_DEPTH} levels.",
            where=shown,
            next_step="Flatten it; a list or object that contains itself has no form at all.",
        )


def _check_name(name: object, path: str) -> None:
    if not isinstance(name, str):
        raise InputError(
            f"The name {name!r} of a field is no text.",
            where=path,
            next_step="Use text for the names of fields.",
        )
    check_text(name, f"{path}, name of a field", one_line=True)


def _decode(data: bytes) -> str:
    if data.startswith(_BYTE_ORDER_MARK):
        raise InputError(
            "The document starts with a byte-order mark.",
            where="byte 1",
            next_step="Use the file as issued; an editor added this mark.",
        )
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(
            "The document is not UTF-8 text.",
            where=f"byte {error.start + 1}",
            next_step="Use the file as issued; it was damaged or re-encoded.",
        ) from None


def _check_depth(text: str) -> None:
    """Count brackets before the reader recurses, so that no input can exhaust the stack."""
    depth = 0
    for token in _STRING_OR_BRACKET.finditer(text):
        if token[0] in "[{":
            _check_nesting(f"character {token.start() + 1}", depth)
            depth += 1
        elif token[0] in "]}":
            depth -= 1


def _load(text: str, *, allow_floats: bool) -> object:
    try:
        return json.loads(
            text,
            object_pairs_hook=_object_without_repeats,
            parse_int=_integer_reader(allow_floats=allow_floats),
            parse_float=_float_reader(allow_floats=allow_floats),
            parse_constant=_refuse_constant,
        )
    except json.JSONDecodeError as error:
        raise InputError(
            f"The document is not JSON: {error.msg}.",
            where=f"line {error.lineno}, column {error.colno}",
            next_step="Use the file as issued; it was cut or changed.",
        ) from None


def _object_without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse a name given twice: readers differ in which of the two they show."""
    result: dict[str, Any] = {}
    for name, value in pairs:
        if name in result:
            raise InputError(
                f"The field {name!r} stands twice in one object.",
                where=f"field {name!r}",
                next_step="Do not trust this file; ask its issuer for it again.",
            )
        result[name] = value
    return result


def _integer_reader(*, allow_floats: bool) -> Callable[[str], int | float]:
    def read(token: str) -> int | float:
        if len(token.lstrip("-")) <= _INTEGER_DIGITS and abs(int(token)) < _INTEGER_LIMIT:
            return int(token)
        if allow_floats:  # 1e20 is written with all its digits
            return float(token)
        raise InputError(
            "An integer of 2^53 or more loses digits in other readers.",
            where=f"number {token[:40]}",
            next_step="Write it as text.",
        )

    return read


def _float_reader(*, allow_floats: bool) -> Callable[[str], float]:
    def read(token: str) -> float:
        if allow_floats:
            return float(token)
        raise InputError(
            "A number with a fraction or exponent stands where documents carry decimal texts.",
            where=f"number {token[:40]}",
            next_step="Write it as decimal text.",
        )

    return read


def _refuse_constant(token: str) -> float:
    raise InputError(
        f"{token} is no JSON number.",
        where=f"number {token}",
        next_step="Leave the figure out, or say in words why there is none.",
    )


def _first_difference(expected: bytes, data: bytes) -> str:
    """Name the first byte (1-based) at which two byte strings part."""
    shared = min(len(expected), len(data))
    position = next((i for i in range(shared) if expected[i] != data[i]), shared)
    return f"byte {position + 1}"


def _type_name(value: object) -> str:
    return {list: "a list", str: "a text", type(None): "null"}.get(type(value), "a single value")
