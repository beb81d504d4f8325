"""Style sheets, scripts, icons and fonts: named files only, cached by their content's hash."""

import hashlib
from functools import cache
from pathlib import Path

from chalice.app import Response

from chalicelib.console.framework.downloads import BinaryResponse
from chalicelib.console.framework.visit import Visit
from chalicelib.foundation.errors import NotFoundError

STATIC = Path(__file__).parents[1] / "static"
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml; charset=utf-8",
    ".woff2": "font/woff2",
}


def own_file(visit: Visit, name: str) -> Response:
    """Serve one of our files."""
    return _serve(visit, STATIC, name)


def vendor_file(visit: Visit, name: str) -> Response:
    """Serve a file that the build copied from a package."""
    return _serve(visit, STATIC / "vendor", name)


def _serve(visit: Visit, folder: Path, name: str) -> Response:
    content = _files(folder).get(name)
    if content is None:
        raise NotFoundError
    kind = _TYPES[Path(name).suffix]
    # Links carry ?v=<hash> (see rendering.py): such an address never changes its content.  With
    # another hash, of an older page or a newer release, the content is not what was asked for.
    lasting = visit.query.get("v") == digest_of(content)
    age = "max-age=31536000, immutable" if lasting else "max-age=300"
    headers: dict[str, str | list[str]] = {
        "Content-Type": kind,
        "Cache-Control": f"public, {age}",
    }
    if kind == "font/woff2":
        return BinaryResponse(content, headers)
    return Response(content.decode(), headers)


def digest_of(content: bytes) -> str:
    """Give the hash that links to a static file carry."""
    return hashlib.sha256(content).hexdigest()[:12]


@cache
def _files(folder: Path) -> dict[str, bytes]:
    # Read from a fixed list, so that no name from outside ever reaches the file system.
    return {file.name: file.read_bytes() for file in folder.iterdir() if file.suffix in _TYPES}
