"""Records chained by digests: each holds the digest of the one before (EVD-2, BIL-12)."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

GENESIS = "0" * 64  # what the first of a chain follows


def link_digest(content: Mapping[str, Any]) -> str:
    """Compute the SHA-256 of a link's content, its own digest and version left out."""
    told = {key: value for key, value in content.items() if key not in {"digest", "version"}}
    text = json.dumps(told, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
