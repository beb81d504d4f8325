"""Legal documents and notice, public and downloadable without an account (LEG-1, LEG-3, CON-4)."""

from chalice.app import Response

from chalicelib.console.framework.visit import Visit
from chalicelib.foundation.clock import today
from chalicelib.foundation.errors import NotFoundError
from chalicelib.legal.document_text import blocks
from chalicelib.legal.documents import LICENCE, LegalDocument


def documents(visit: Visit) -> Response:
    """List the documents in force."""
    library, on = visit.services.legal.documents, today(visit.services.base.clock)
    in_force: list[LegalDocument] = []
    for kind in library.all_kinds():
        try:
            in_force.append(library.in_force(kind, on))
        except NotFoundError:
            continue  # published for a later day
    return visit.page(
        "legal/documents.html",
        documents=[one for one in in_force if not one.kind.startswith(LICENCE)],
        licences=[one for one in in_force if one.kind.startswith(LICENCE)],
    )


def document(visit: Visit, kind: str) -> Response:
    """Show the version in force of a document, and name the others."""
    library, on = visit.services.legal.documents, today(visit.services.base.clock)
    shown = library.in_force(kind, on)
    return visit.page(
        "legal/document.html",
        document=shown,
        blocks=list(blocks(shown.body_markdown)),
        others=[one for one in library.versions(kind) if one.version != shown.version],
    )


def download(visit: Visit, kind: str, version: str) -> Response:
    """Give a version as text: byte for byte what its digest covers."""
    wanted = visit.services.legal.documents.version(kind, version)
    headers: dict[str, str | list[str]] = {
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Disposition": f'attachment; filename="{wanted.kind}-{wanted.version}.txt"',
    }
    return Response(wanted.body_markdown, headers, 200)


def notice(visit: Visit) -> Response:
    """Say who publishes this console, how to reach them, and the mediator (LEG-3)."""
    return visit.page("legal/notice.html")
