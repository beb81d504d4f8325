"""Paper: PDF documents, drawn with our fonts."""
