"""Reads a delivery note of OmnyPods: a CSV, refused whole when one line of it is bad (POD-1)."""

import csv
import io
import re
from dataclasses import dataclass
from datetime import date

from chalicelib.foundation.errors import FieldErrors

MOST_LINES = 1000
_SERIAL = re.compile(r"[A-Z0-9][A-Z0-9-]{3,39}")
_COLUMNS = ("serial", "model", "received_on")
_MODEL_LENGTH = 60
_SHOWN = 50  # errors named at once
_UNREADABLE = "Ce texte ne se lit pas comme un fichier CSV\u00a0: vérifiez ses guillemets."


@dataclass(frozen=True)
class StockLine:
    """One OmnyPod of a delivery note; ``number`` is its line in the file."""

    number: int
    serial: str
    model: str
    received_on: date


def read_csv(text: str, today: date) -> list[StockLine]:
    """Read ``serial,model,received_on`` lines, commas or semicolons, with that heading (POD-1).

    Raises FieldErrors keyed by "ligne 3", one for each bad line: nothing is imported then.
    """
    lines = text.lstrip("\ufeff").strip().splitlines()
    if not lines:
        raise FieldErrors({"csv": "Collez le contenu du fichier."})
    separator = ";" if ";" in lines[0] else ","
    heading = tuple(name.strip().lower() for name in lines[0].split(separator))
    if heading != _COLUMNS:
        raise FieldErrors(
            {"ligne 1": "La première ligne doit être\u00a0: serial;model;received_on."}
        )
    if len(lines) - 1 > MOST_LINES:
        raise FieldErrors({"csv": "1 000 lignes au plus à la fois\u00a0: coupez le fichier."})
    try:
        found, errors = _read(lines[1:], separator, today)
    except csv.Error as unreadable:  # such as a quotation mark that nothing closes
        raise FieldErrors({"csv": _UNREADABLE}) from unreadable
    if errors:
        raise FieldErrors(dict(list(errors.items())[:_SHOWN]))
    if not found:
        raise FieldErrors({"csv": "Le fichier ne contient aucun OmnyPod."})
    return found


def _read(lines: list[str], separator: str, today: date) -> tuple[list[StockLine], dict[str, str]]:
    errors: dict[str, str] = {}
    found: dict[str, StockLine] = {}
    rows = csv.reader(io.StringIO("\n".join(lines)), delimiter=separator)
    for number, row in enumerate(rows, start=2):
        if not any(cell.strip() for cell in row):
            continue
        try:
            line = _line(number, row, today)
        except ValueError as wrong:
            errors[f"ligne {number}"] = str(wrong)
            continue
        if line.serial in found:
            errors[f"ligne {number}"] = "Ce numéro de série est déjà plus haut dans le fichier."
        found[line.serial] = line
    return list(found.values()), errors


def _line(number: int, row: list[str], today: date) -> StockLine:
    cells = [cell.strip() for cell in row]
    if len(cells) != len(_COLUMNS):
        raise ValueError("Trois colonnes sont attendues\u00a0: numéro de série, modèle, date.")
    serial, model = cells[0].upper(), cells[1]
    if not _SERIAL.fullmatch(serial):
        raise ValueError("Un numéro de série a de 4 à 40 lettres sans accent, chiffres ou tirets.")
    if not model or len(model) > _MODEL_LENGTH or not model.isprintable():
        raise ValueError("Indiquez le modèle (60 caractères au plus).")
    try:
        received_on = date.fromisoformat(cells[2])
    except ValueError:
        raise ValueError("La date de réception s’écrit 2026-11-23.") from None
    if received_on > today:
        raise ValueError("La date de réception est dans l’avenir.")
    return StockLine(number, serial, model, received_on)
