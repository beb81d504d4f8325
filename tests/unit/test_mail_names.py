"""The mails there are: the enum, their templates and the code that writes them say the same."""

from pathlib import Path

from chalicelib.texts.mails import MailName
from chalicelib.texts.templates import TEMPLATES

# Templates that others build on, and no mails.
SHARED = {"layout.html", "macros.html", "contract_terms.html"}
CODE = Path(__file__).parents[2] / "chalicelib"


def test_each_mail_has_its_text_and_its_page_and_nothing_else_lies_there() -> None:
    files = {file.name for file in (TEMPLATES / "mails").iterdir()}
    assert files - SHARED == {f"{name}.{end}" for name in MailName for end in ("txt", "html")}


def test_each_mail_is_written_by_a_domain() -> None:
    sources = "".join(path.read_text() for path in CODE.rglob("*.py"))
    unused = [name for name in MailName if f"MailName.{name.name}" not in sources]
    assert not unused
