"""Verify a bundle offline: bytes, key, ledger entry, arithmetic, conclusions.

Inside: `Step`, `Verification`, `verify_bundle`, `check_records`, `differences`.

The recipe, in order; a step that fails ends it with an error that names the place:
(1) the bundle is canonical and complete; (2) the payload was sealed by the key in the bundle;
(3) that key is the one the verifier brought, if any; (4) the ledger entry is whole and names
the payload's digest; (5) the records decode, nothing unknown in them; (6) what they say about
each other holds; (7) every stored model gives its stated value, sensitivities and u; (8) the
conclusions follow from the records; (9) the head of the document is the one that follows from
decision, ledger entry and key; (10) the rules are the shipped ones, or it is said how not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from qtrace.certification.case import CaseFile
from qtrace.certification.codec import decode, encode
from qtrace.certification.conclude import Conclusions, conclude
from qtrace.certification.consistency import case_faults
from qtrace.certification.recheck import recheck_uncertainties, recheck_uses, recheck_values
from qtrace.certification.shipped import ShippedRules, rule_differences
from qtrace.certification.statement import (
    PAYLOAD_DIGEST,
    STATEMENT_FORMAT,
    Bundle,
    DocumentHead,
    title_of,
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
# Values and their uncertainties are no small differences of large numbers, whatever their unit.
_RELATIVE_ONLY = ("conclusions.results", "conclusions.evidence")
CERTIFY = "certify"  # the action of ledger entries that name documents
_STATEMENT_FIELDS = frozenset({"case", "conclusions", "document", "ext", "format"})


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the verification and what it showed."""

    name: str
    detail: str


@dataclass(frozen=True, slots=True)
class Verification:
    """A bundle that is consistent in itself; `established` if its signer is known.

    `other_rules` says where requirements and scheme are not the shipped ones; None where they
    were not compared.
    """

    head: DocumentHead
    case: CaseFile
    conclusions: Conclusions
    key: Key
    payload_digest: str
    steps: tuple[Step, ...]
    established: bool
    other_rules: tuple[str, ...] | None = None

    @property
    def headline(self) -> str:
        """Return the first line of the answer; never a plain success without an anchor."""
        if not self.established:
            return "CONSISTENT, SIGNER UNKNOWN"
        return f"CONSISTENT, SIGNED BY {self.key.person} ({self.key.organisation})"


def verify_bundle(
    data: bytes,
    *,
    trusted: Key | None,
    functions: Mapping[str, ModelFunction],
    shipped: ShippedRules | None = None,
) -> Verification:
    """Verify the bytes of a bundle file without any database.

    Args:
        data: All bytes of the file.
        trusted: A public key that the verifier has from elsewhere, or None.
        functions: "metric_id@version" to function, to recompute the figures.
        shipped: Requirements and schemes to compare with, None for no comparison.

    Raises:
        InputError: the file does not parse.
        IntegrityError: it parses, but a seal, digest, ledger entry, figure or conclusion is
            wrong; or it was not sealed by the trusted key.
    """
    bundle = Bundle.from_bytes(data)
    steps = [Step("bundle", f"canonical, {len(data)} bytes")]
    entry = f"document of ledger entry {bundle.entry.sequence}"
    payload = _opened(bundle, bundle.key, entry)
    steps.append(Step("seal", f"made with key {bundle.key.key_id[:16]}..."))
    steps.append(_check_signer(bundle, trusted, entry))
    steps.append(_check_entry(bundle))
    try:
        head, case, stated = _records(payload)
    except QtraceError as error:
        raise error.located(entry) from None
    steps.append(Step("records", f"{len(case.dossier.network.results)} results decoded"))
    key = trusted or bundle.key
    other_rules = None
    with _contradictions(entry):
        steps.append(_check_case(case))
        steps.append(_check_arithmetic(case, stated, functions))
        steps.append(_check_conclusions(payload, case, functions))
        steps.append(_check_head(head, stated, case, bundle=bundle, key=key))
        if shipped is not None:
            other_rules = rule_differences(case, shipped)
            said = "NOT the shipped ones" if other_rules else "as shipped"
            steps.append(Step("rules", f"requirements and scheme {said}"))
    return Verification(
        head,
        case,
        stated,
        key,
        bundle.envelope.payload_digest,
        tuple(steps),
        trusted is not None,
        other_rules,
    )


def check_records(
    case: CaseFile, conclusions: Conclusions, functions: Mapping[str, ModelFunction]
) -> None:
    """Check before sealing what every reader will check after it.

    Raises:
        IntegrityError: the records contradict each other, or their own models.
    """
    with _contradictions("records of the case"):
        _check_case(case)
        _check_arithmetic(case, conclusions, functions)


def _check_signer(bundle: Bundle, trusted: Key | None, entry: str) -> Step:
    if trusted is None:
        claim = f"the document claims {bundle.key.person}; no key was given to check that"
        return Step("signer", claim)
    if bundle.key != trusted:
        _opened(bundle, trusted, entry)
        raise IntegrityError(
            f"the bundle says that its key is {bundle.key.person}'s "
            f"({bundle.key.organisation}), yours says {trusted.person} "
            f"({trusted.organisation})",
            where=entry,
            next_step="ask the holder of the key which of the two is right",
        )
    return Step("signer", f"{trusted.person}, {trusted.organisation}: your key")


def _opened(bundle: Bundle, key: Key, entry: str) -> dict[str, Any]:
    """Open the envelope with a key; an error names the ledger entry that the bundle carries."""
    try:
        return bundle.envelope.open_with(key)
    except QtraceError as error:
        raise error.located(entry) from None


@contextmanager
def _contradictions(entry: str) -> Iterator[None]:
    """Turn what breaks on records that do not fit each other into an integrity error."""
    try:
        yield
    except IntegrityError as error:
        raise error.located(entry) from None
    except (QtraceError, LookupError, TypeError, ValueError, ArithmeticError) as error:
        what = error.what if isinstance(error, QtraceError) else repr(error)
        raise IntegrityError(
            f"the records do not fit each other: {what}",
            where=entry,
            next_step="do not trust this document; ask its issuer",
        ) from error


def _check_case(case: CaseFile) -> Step:
    faults = case_faults(case)
    if faults:
        raise IntegrityError(faults[0], where="records compared with each other")
    return Step("case", "link, run, devices, uses, counts, evidence and scheme fit each other")


def _check_head(
    head: DocumentHead, stated: Conclusions, case: CaseFile, *, bundle: Bundle, key: Key
) -> Step:
    """Compare every word on top of the document with what it must follow from."""
    entry, decision = bundle.entry, stated.decision
    note = parse_canonical(entry.content.encode())
    for name, said, follows in (
        ("kind", head.attestation_kind, decision.attestation_kind),
        ("title", head.title, title_of(decision.attestation_kind, decision.word)),
        ("watermark", head.watermark, case.link.watermark),
        ("person", head.person, key.person),
        ("organisation", head.organisation, key.organisation),
        ("number", head.number, note.get("document")),
        ("time of issue", encode(head.issued_at), entry.recorded_at),
        ("link", case.link.link_id, entry.subject),
        ("ledger action", entry.action, CERTIFY),
    ):
        if said != follows:
            raise IntegrityError(
                f"the {name} of the document is {said or 'empty'!r}, not {follows!r}",
                where="head of the document, compared with decision, ledger entry and key",
            )
    return Step("head", "kind, title, watermark, number, time and issuer are those that follow")


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
    try:
        records = (
            decode(DocumentHead, payload["document"], where="document"),
            decode(CaseFile, payload["case"], where="case"),
            decode(Conclusions, payload["conclusions"], where="conclusions"),
        )
    except (ValueError, LookupError, TypeError) as error:
        raise InputError(f"the records cannot be read: {error!r}", where="payload") from error
    for name, record in zip(("document", "case", "conclusions"), records, strict=True):
        # Two spellings of one record would be two documents that nobody can tell apart.
        if encode(record) != payload[name]:
            raise InputError("the records are not in their one form", where=f"payload, {name}")
    return records


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
    return Step("conclusions", f"{len(computed['findings'])} findings and the decision follow")


def differences(stated: Any, computed: Any, path: str, *, exact: bool = False) -> list[str]:  # noqa: ANN401
    """Return where two documents differ; decimal strings may differ by the tolerance.

    Args:
        stated: Plain values.
        computed: Plain values to compare with.
        path: What both are, for the lines.
        exact: No tolerance: for what is stored and not computed.
    """
    if isinstance(stated, dict) and isinstance(computed, dict):
        found = [f"{path}.{key}: only on one side" for key in sorted(set(stated) ^ set(computed))]
        for key in sorted(set(stated) & set(computed)):
            found.extend(differences(stated[key], computed[key], f"{path}.{key}", exact=exact))
        return found
    if isinstance(stated, list) and isinstance(computed, list):
        if len(stated) != len(computed):
            return [f"{path}: {len(stated)} items stated, {len(computed)} follow"]
        return [
            line
            for k, (one, other) in enumerate(zip(stated, computed, strict=True))
            for line in differences(one, other, f"{path}[{k}]", exact=exact)
        ]
    if stated == computed and type(stated) is type(computed):
        return []
    texts = isinstance(stated, str) and isinstance(computed, str)
    absolute = 0.0 if path.startswith(_RELATIVE_ONLY) else ABSOLUTE_TOLERANCE
    if texts and not exact and _near(stated, computed, absolute):
        return []
    return [f"{path}: stated {stated!r:.80}, follows {computed!r:.80}"]


def _near(stated: str, computed: str, absolute: float) -> bool:
    try:
        one, other = parse_decimal_text(stated), parse_decimal_text(computed)
    except InputError:
        return False
    return abs(one - other) <= absolute + RELATIVE_TOLERANCE * max(abs(one), abs(other))
