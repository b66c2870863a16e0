"""Verify a bundle offline: bytes, key, ledger entry, arithmetic, conclusions.

Inside: `Step`, `Verification`, `verify_bundle`, `differences`.

The recipe, in order; a step that fails ends it with an error that names the place:
(1) the bundle is canonical and complete; (2) the payload was sealed by the key in the bundle;
(3) that key is the one the verifier brought, if any; (4) the ledger entry is whole and names
the payload's digest; (5) the records decode, nothing unknown in them; (6) every stored model
gives its stated value, sensitivities and u; (7) the conclusions follow from the records.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from qtrace.certification.case import CaseFile
from qtrace.certification.codec import decode, encode
from qtrace.certification.conclude import Conclusions, conclude
from qtrace.certification.recheck import recheck_uncertainties, recheck_uses, recheck_values
from qtrace.certification.statement import (
    PAYLOAD_DIGEST,
    STATEMENT_FORMAT,
    Bundle,
    DocumentHead,
)
from qtrace.errors import InputError, IntegrityError, QtraceError
from qtrace.ledger.canonical import parse_canonical
from qtrace.ledger.signing import Key
from qtrace.ledger.verify import CHECKS
from qtrace.quantity.notation import parse_decimal_text
from qtrace.quantity.units import parse_unit
from qtrace.uncertainty.evaluation import ModelFunction

# Recomputed figures pass through other builds of the same libraries; see docs/verification.md.
RELATIVE_TOLERANCE = 1e-8
ABSOLUTE_TOLERANCE = 1e-12
_STATEMENT_FIELDS = frozenset({"case", "conclusions", "document", "ext", "format"})


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the verification and what it showed."""

    name: str
    detail: str


@dataclass(frozen=True, slots=True)
class Verification:
    """A bundle that is consistent in itself; `established` if its signer is known."""

    head: DocumentHead
    case: CaseFile
    conclusions: Conclusions
    key: Key
    payload_digest: str
    steps: tuple[Step, ...]
    established: bool

    @property
    def headline(self) -> str:
        """Return the first line of the answer; never a plain success without an anchor."""
        if not self.established:
            return "CONSISTENT, SIGNER UNKNOWN"
        return f"CONSISTENT, SIGNED BY {self.key.person} ({self.key.organisation})"


def verify_bundle(
    data: bytes, *, trusted: Key | None, functions: Mapping[str, ModelFunction]
) -> Verification:
    """Verify the bytes of a bundle file without any database.

    Args:
        data: All bytes of the file.
        trusted: A public key that the verifier has from elsewhere, or None.
        functions: "metric_id@version" to function, to recompute the figures.

    Raises:
        InputError: the file does not parse.
        IntegrityError: it parses, but a seal, digest, ledger entry, figure or conclusion is
            wrong; or it was not sealed by the trusted key.
    """
    bundle = Bundle.from_bytes(data)
    steps = [Step("bundle", f"canonical, {len(data)} bytes")]
    payload = bundle.envelope.open_with(bundle.key)
    steps.append(Step("seal", f"made with key {bundle.key.key_id[:16]}..."))
    established = trusted is not None
    if trusted is None:
        claim = f"the document claims {bundle.key.person}; no key was given to check that"
        steps.append(Step("signer", claim))
    else:
        bundle.envelope.open_with(trusted)
        steps.append(Step("signer", f"{trusted.person}, {trusted.organisation}: your key"))
    steps.append(_check_entry(bundle))
    head, case, stated = _records(payload)
    steps.append(Step("records", f"{len(case.dossier.network.results)} results decoded"))
    steps.append(_check_arithmetic(case, stated, functions))
    steps.append(_check_conclusions(payload, case, functions))
    key = trusted or bundle.key
    if (head.person, head.organisation) != (bundle.key.person, bundle.key.organisation):
        raise IntegrityError(
            f"the document names {head.person}, its key {bundle.key.person}", where="signer"
        )
    return Verification(
        head, case, stated, key, bundle.envelope.payload_digest, tuple(steps), established
    )


def _check_entry(bundle: Bundle) -> Step:
    entry = bundle.entry
    # The entry stands alone here: its place in the chain needs the whole ledger.
    faults = [what for check in CHECKS for what in check(entry)]
    if faults:
        raise IntegrityError(
            f"ledger entry {entry.sequence}: {faults[0]}", where=f"entry {entry.sequence}"
        )
    content = parse_canonical(entry.content.encode())
    if content.get(PAYLOAD_DIGEST) != bundle.envelope.payload_digest:
        raise IntegrityError(
            f"ledger entry {entry.sequence} does not name this document",
            where=f"entry {entry.sequence}",
            next_step="the entry belongs to another document, or the document was replaced",
        )
    return Step("ledger", f"entry {entry.sequence} of {entry.recorded_at} names the payload")


def _records(payload: Mapping[str, Any]) -> tuple[DocumentHead, CaseFile, Conclusions]:
    if set(payload) != _STATEMENT_FIELDS or payload["format"] != STATEMENT_FORMAT:
        raise InputError(
            f"the payload is not a {STATEMENT_FORMAT}",
            where=f"fields {', '.join(sorted(payload))}",
            next_step="use a newer version of qtrace",
        )
    if payload["ext"] != {}:
        raise InputError(
            "the statement carries extensions that this version does not know",
            where="payload, field ext",
            next_step="use a newer version of qtrace",
        )
    return (
        decode(DocumentHead, payload["document"], where="document"),
        decode(CaseFile, payload["case"], where="case"),
        decode(Conclusions, payload["conclusions"], where="conclusions"),
    )


def _check_arithmetic(
    case: CaseFile, stated: Conclusions, functions: Mapping[str, ModelFunction]
) -> Step:
    labels = {k: recorded.label for k, recorded in case.dossier.results.items()}
    network = case.dossier.network
    uncertainties = {
        one.result_id: one.standard_uncertainty * float(parse_unit(one.unit).factor)
        for one in stated.results
    }
    found = [
        *recheck_values(network, labels, functions),
        *recheck_uses(case.dossier),
        *recheck_uncertainties(network, labels, uncertainties),
    ]
    if found:
        raise IntegrityError(str(found[0]), where="recomputation of the results")
    return Step("arithmetic", f"{len(network.results)} models give their stated figures")


def _check_conclusions(
    payload: Mapping[str, Any], case: CaseFile, functions: Mapping[str, ModelFunction]
) -> Step:
    try:
        computed = encode(conclude(case, functions))
    except QtraceError as error:
        raise IntegrityError(
            f"no conclusion follows from the records: {error.what}", where=error.where
        ) from None
    found = differences(payload["conclusions"], computed, "conclusions")
    if found:
        raise IntegrityError(found[0], where="conclusions drawn again from the records")
    document = payload["document"]
    decision = payload["conclusions"]["decision"]
    if document["attestation_kind"] != decision["attestation_kind"]:
        raise IntegrityError("the document's kind is not that of its decision", where="document")
    return Step("conclusions", f"{len(computed['findings'])} findings and the decision follow")


def differences(stated: Any, computed: Any, path: str) -> list[str]:  # noqa: ANN401
    """Return where two documents differ; decimal strings may differ by the tolerance."""
    if isinstance(stated, dict) and isinstance(computed, dict):
        found = [f"{path}.{key}: only on one side" for key in sorted(set(stated) ^ set(computed))]
        for key in sorted(set(stated) & set(computed)):
            found.extend(differences(stated[key], computed[key], f"{path}.{key}"))
        return found
    if isinstance(stated, list) and isinstance(computed, list):
        if len(stated) != len(computed):
            return [f"{path}: {len(stated)} items stated, {len(computed)} follow"]
        return [
            line
            for k, (one, other) in enumerate(zip(stated, computed, strict=True))
            for line in differences(one, other, f"{path}[{k}]")
        ]
    if stated == computed and type(stated) is type(computed):
        return []
    if isinstance(stated, str) and isinstance(computed, str) and _near(stated, computed):
        return []
    return [f"{path}: stated {stated!r:.80}, follows {computed!r:.80}"]


def _near(stated: str, computed: str) -> bool:
    try:
        one, other = parse_decimal_text(stated), parse_decimal_text(computed)
    except InputError:
        return False
    return abs(one - other) <= ABSOLUTE_TOLERANCE + RELATIVE_TOLERANCE * max(abs(one), abs(other))
