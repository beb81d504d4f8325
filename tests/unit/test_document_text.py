"""The little Markdown of legal documents."""

from chalicelib.legal.document_text import Block, blocks


def test_titles_paragraphs_and_lists_are_told_apart() -> None:
    text = "# Titre\n## Article\nUne phrase\nsur deux lignes.\n\n- un\n- deux\n\nFin."

    assert list(blocks(text)) == [
        Block("h1", ("Titre",)),
        Block("h2", ("Article",)),
        Block("p", ("Une phrase", "sur deux lignes.")),
        Block("list", ("un", "deux")),
        Block("p", ("Fin.",)),
    ]


def test_anything_else_stays_text() -> None:
    [block] = blocks("<script>alert(1)</script> **x** [a](javascript:b)")

    assert block.text == "<script>alert(1)</script> **x** [a](javascript:b)"
