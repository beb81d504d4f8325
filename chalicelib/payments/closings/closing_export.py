"""A year of closings and receipts to hand to the tax office: one file, signed (EVD-2).

A ZIP of the CSV, its signature, the public key and how to check them, with tools of anybody.
"""

import csv
import hashlib
import io
import zipfile
from collections.abc import Iterable
from typing import Any

from chalicelib.foundation.csv_cells import euros_cell, text_cell
from chalicelib.foundation.instants import iso
from chalicelib.foundation.signing import Signer
from chalicelib.payments.closings.closing import Closing, Period
from chalicelib.payments.money.ledger import Settlement
from chalicelib.payments.statements.csv_words import nature_of

_COLUMNS = (
    *("nature", "periode", "nombre", "recu", "rendu", "net", "total_perpetuel"),
    *("compte", "facture", "reference"),
    *("contenu", "close_le", "empreinte", "empreinte_precedente", "signature"),
)
_NATURES = {
    Period.DAY: "cloture_jour",
    Period.MONTH: "cloture_mois",
    Period.YEAR: "cloture_annee",
}
_KEY_FILE = "cle-publique.pem"
_READ_ME = """Clôtures et encaissements de {year}.

{name} est signé (ECDSA P-256, SHA-256). Pour vérifier qu’il est tel qu’il a été exporté :

    openssl dgst -sha256 -verify {key} -signature {name}.sig {name}

Chaque ligne « cloture_… » porte l’empreinte de la clôture et celle de la précédente : la chaîne
est rompue dès qu’une ligne est changée, ôtée ou ajoutée. « contenu » est l’empreinte de ce que la
clôture couvre. La colonne « signature » signe l’empreinte (ses octets) avec la même clé.
Montants en euros ; le total perpétuel ne repart jamais de zéro.
"""


def closings_csv(closings: Iterable[Closing], receipts: Iterable[tuple[str, Settlement]]) -> str:
    """Write closings, then receipts with the day that closed them, as CSV."""
    text = io.StringIO()
    lines = csv.writer(text, delimiter=";", lineterminator="\r\n")
    lines.writerow(_COLUMNS)
    lines.writerows(map(_closing_row, closings))
    lines.writerows(_entry_row(day, entry) for day, entry in receipts)
    return text.getvalue()


def signed_archive(year: str, text: str, signer: Signer) -> bytes:
    """Pack a year's CSV with its signature and the means to check it."""
    name, content = f"clotures-{year}.csv", ("\ufeff" + text).encode()
    signature = signer.sign(hashlib.sha256(content).digest())
    read_me = _READ_ME.format(year=year, name=name, key=_KEY_FILE)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
        archive.writestr(f"{name}.sig", signature.raw)
        archive.writestr(_KEY_FILE, signer.public_key())
        archive.writestr("LISEZ-MOI.txt", read_me)
    return packed.getvalue()


def _closing_row(closing: Closing) -> list[Any]:
    amounts = (
        closing.received_cents,
        closing.given_back_cents,
        closing.net_cents,
        closing.perpetual_cents,
    )
    return [
        _NATURES[closing.period],
        closing.name,
        closing.entry_count,
        *map(euros_cell, amounts),
        *("", "", ""),
        closing.content,
        iso(closing.closed_at),
        closing.digest,
        closing.previous,
        closing.signature,
    ]


def _entry_row(day: str, entry: Settlement) -> list[Any]:
    received, given = max(0, entry.amount_cents), max(0, -entry.amount_cents)
    return [
        nature_of(entry.kind),
        day,
        1,
        *map(euros_cell, (received, given, entry.amount_cents)),
        "",
        entry.account_id,
        entry.invoice_id,
        text_cell(entry.reference),
        *("", "", "", "", ""),
    ]
