"""Collects the French texts of templates and code into the English catalogue, for its translator.

French is the source: a text is its own key. Collected are the marked texts of templates, and in
code every string that reads as French written for people: it has an accent, a typographic
apostrophe or a no-break space, or it is a sentence with its capital and its final point. Code is
otherwise in English, so nothing needs marking there. The catalogue carries neither dates nor line
numbers, so that it changes only when a text does.
"""

import ast
import io
import re
import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from infra.project import ROOT
from infra.terminal import ended

CATALOGUE = ROOT / "chalicelib" / "console" / "locale" / "en" / "LC_MESSAGES" / "console.po"
CODE = ROOT / "chalicelib"
TEMPLATES = [("**.html", "jinja2"), ("**.txt", "jinja2")]
# The same settings as the console's own environment: another trimming is another key.
OPTIONS = {"**.html": {"trim_blocks": "true", "lstrip_blocks": "true", "newstyle_gettext": "true"}}
OPTIONS["**.txt"] = OPTIONS["**.html"]

_FRENCH = re.compile("[àâçéèêëîïôöùûüœÀÂÇÉÈÊÎÔŒ’\u00a0\u202f]|^[A-Z«].* .*[.?!…]$", re.DOTALL)
# What is French by nature, whatever the reader's language: papers and patterns.
_PAPERS = (
    *("_pdf.py", "sheet.py", "french_text.py", "mentions.py"),
    *("paper_words.py", "paper_rows.py", "closing_export.py"),
)
_DATED = re.compile(
    rb'^"(Project-Id-Version|Report-Msgid-Bugs-To|POT-Creation-Date|PO-Revision-Date'
    rb"|Last-Translator|Language-Team|Generated-By): .*\n",
    re.MULTILINE,
)


def french_of(source: str) -> list[tuple[int, str]]:
    """The French strings of a module, with their lines; docstrings and comments are English."""
    tree = ast.parse(source)
    passed_over = {
        id(part)
        for node in ast.walk(tree)
        for part in ast.walk(node)
        if isinstance(node, ast.Expr | ast.JoinedStr) and isinstance(part, ast.Constant)
        if isinstance(node, ast.JoinedStr) or isinstance(node.value, ast.Constant)
    }
    return [
        (node.lineno, node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in passed_over
        and _FRENCH.search(node.value)
    ]


def collect() -> Catalog:
    """Every text of the sources, with the files it comes from."""
    template = Catalog()
    for name, line, message, comments, context in extract_from_dir(
        ROOT / "templates", TEMPLATES, OPTIONS
    ):
        place = (f"templates/{Path(name).as_posix()}", line)
        template.add(message, None, [place], auto_comments=comments, context=context)
    for path in sorted(CODE.rglob("*.py")):
        if not path.name.endswith(_PAPERS):
            for line, text in french_of(path.read_text(encoding="utf-8")):
                template.add(text, None, [(path.relative_to(ROOT).as_posix(), line)])
    return template


def update(template: Catalog, path: Path) -> None:
    """Add the new texts to the catalogue at `path`, drop the gone ones, keep the translations."""
    catalogue = Catalog(locale="en", fuzzy=False)
    if path.exists():
        with path.open("rb") as source:
            catalogue = read_po(source, locale="en")
    catalogue.header_comment = "# English texts of the console."
    catalogue.update(template, no_fuzzy_matching=True)
    written = io.BytesIO()
    write_po(
        written,
        catalogue,
        width=100,
        sort_by_file=True,
        ignore_obsolete=True,
        include_lineno=False,
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_DATED.sub(b"", written.getvalue()))


def main() -> None:
    """Bring the catalogue up to date and say what is left to translate."""
    update(collect(), CATALOGUE)
    with CATALOGUE.open("rb") as source:
        messages = [message for message in read_po(source, locale="en") if message.id]
    missing = [message for message in messages if not message.string or not any(message.string)]
    print(f"{len(messages)} texts, {len(missing)} to translate in {CATALOGUE.relative_to(ROOT)}")


if __name__ == "__main__":
    sys.exit(ended(main))
