"""What VAT keeps in the ``billing`` table.

======================  =======================  =============================================
pk                      sk                       what
======================  =======================  =============================================
``ACC#<account>``       VAT                      VIES's answer, proofs of location; ``VAT``
``OSS#<year>``          LINE#<month>#<document>  a supply to a consumer elsewhere in the Union
``OSS#<year>``          MONTH#<month>            how a month is taxed, decided once
======================  =======================  =============================================
"""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import Any

from chalicelib.billing.invoices.storage import BillingRecord
from chalicelib.billing.one_stop_shop.oss import OssLine, OssMonth
from chalicelib.billing.vat.tax_status import LocationProof, ProofKind, TaxStatus, ViesAnswer
from chalicelib.foundation.civil_time import BillingMonth
from chalicelib.foundation.ids import AccountId
from chalicelib.foundation.instants import instant, iso
from chalicelib.foundation.old_records import old_put
from chalicelib.foundation.tables import Put, Tables

_STATUS = "VAT"


class VatStorage:
    """Reads tax statuses and the one-stop shop's ledger, and gives the writes that keep them."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def tax_status(self, account_id: AccountId) -> TaxStatus:
        """Read what is known of an account; a new status when nothing is."""
        record = self._tables.get_record(BillingRecord, f"ACC#{account_id}", _STATUS)
        return _read_status(record) if record else TaxStatus(account_id)

    def tax_statuses(self) -> Iterator[TaxStatus]:
        """Read the statuses of every client elsewhere in the Union."""
        for record in self._tables.listing_records(BillingRecord, _STATUS):
            yield _read_status(record)

    def save_tax_status(self, status: TaxStatus) -> Put:
        """Give the write that keeps a status; refused when somebody wrote it since."""
        content = {
            "answer": _answer_json(status.answer),
            "tried_at": _optional(status.tried_at),
            "failure": status.failure,
            "proofs": [
                {**asdict(proof), "recorded_at": iso(proof.recorded_at)} for proof in status.proofs
            ],
        }
        return old_put(
            BillingRecord(
                pk=f"ACC#{status.account_id}",
                sk=_STATUS,
                content=content,
                version=status.version,
                list_key=_STATUS,
                list_sort=status.account_id,
            )
        )

    def oss_lines(self, year: int) -> Iterator[OssLine]:
        """Read what was supplied to consumers elsewhere in the Union in a calendar year."""
        for record in self._tables.query_records(BillingRecord, f"OSS#{year}", starts_with="LINE#"):
            content = record.content
            yield OssLine(
                **{
                    **content,
                    "month": BillingMonth.parse(content["month"]),
                    "rate_percent": Decimal(content["rate_percent"]),
                    "proofs": tuple(content["proofs"]),
                }
            )

    def save_oss_line(self, line: OssLine) -> Put:
        """Give the write of a supply: the same whoever writes it, and however often."""
        content = {
            **asdict(line),
            "month": str(line.month),
            "rate_percent": str(line.rate_percent),
            "proofs": list(line.proofs),
        }
        sk = f"LINE#{line.month}#{line.document_id}#{line.country}#{line.rate_percent}"
        record = BillingRecord(pk=f"OSS#{line.month.year}", sk=sk, content=content)
        return old_put(record, always=True)

    def oss_month(self, month: BillingMonth) -> OssMonth | None:
        """Read how a month is taxed; None while it is not decided."""
        record = self._tables.get_record(BillingRecord, f"OSS#{month.year}", f"MONTH#{month}")
        if record is None:
            return None
        return OssMonth(**{**record.content, "month": month, "version": int(record.version)})

    def save_oss_month(self, decided: OssMonth) -> Put:
        """Give the write of a decision; refused when there is one already."""
        content = {
            "opening_cents": decided.opening_cents,
            "previous_year_cents": decided.previous_year_cents,
            "threshold_cents": decided.threshold_cents,
            "from_account": decided.from_account,
        }
        month = decided.month
        record = BillingRecord(
            pk=f"OSS#{month.year}", sk=f"MONTH#{month}", content=content, version=decided.version
        )
        return old_put(record)


def _read_status(record: BillingRecord) -> TaxStatus:
    content = record.content
    answer = content["answer"]
    return TaxStatus(
        account_id=AccountId(record.pk.removeprefix("ACC#")),
        answer=ViesAnswer(**{**answer, "answered_at": instant(answer["answered_at"])})
        if answer
        else None,
        tried_at=instant(content["tried_at"]) if content["tried_at"] else None,
        failure=content["failure"],
        proofs=tuple(
            LocationProof(
                **{
                    **proof,
                    "kind": ProofKind(proof["kind"]),
                    "recorded_at": instant(proof["recorded_at"]),
                }
            )
            for proof in content["proofs"]
        ),
        version=int(record.version),
    )


def _answer_json(answer: ViesAnswer | None) -> dict[str, Any] | None:
    return {**asdict(answer), "answered_at": iso(answer.answered_at)} if answer else None


def _optional(at: datetime | None) -> str | None:
    return iso(at) if at else None
