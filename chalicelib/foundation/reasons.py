"""The reason an operator gives for what he decides: it is kept in journals, and often mailed."""

from chalicelib.foundation.errors import FieldErrors

LONGEST_REASON = 500


def read_reason(text: str, missing: str, *, field: str = "reason") -> str:
    """Give a compulsory reason without the spaces around it.

    Raises FieldErrors on ``field``: the sentence ``missing`` when there is none, another when it is
    too long to be kept.
    """
    reason = text.strip()
    if not reason:
        raise FieldErrors({field: missing})
    if len(reason) > LONGEST_REASON:
        raise FieldErrors({field: "Ce texte est trop long."})
    return reason
