"""Any record as plain values for JSON: decimal strings, times in UTC, nothing lost.

Inside: `document_of`.
"""

from __future__ import annotations

from typing import Any

from qtrace.certification.codec import encode


def document_of(record: object) -> Any:  # noqa: ANN401
    """Return a record as a document; see `qtrace.certification.codec.encode`."""
    return encode(record)
