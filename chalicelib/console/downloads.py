"""Files that a page gives to download."""

from chalice.app import Response


def file_answer(text: str, content_type: str, name: str) -> Response:
    """Answer with a file of that name, never kept by a cache."""
    headers: dict[str, str | list[str]] = {
        "Content-Type": content_type,
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "no-store",
    }
    return Response(text, headers, 200)
