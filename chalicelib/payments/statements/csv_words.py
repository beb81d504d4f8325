"""The words of accountants' files on payments: what a line is (PAY-4, EVD-2)."""

_NATURES = {
    "invoice": "facture",
    "credit_note": "avoir",
    "card": "carte",
    "refund": "remboursement_carte",
    "refund_failed": "remboursement_carte_refuse",
    "transfer": "virement",
    "transfer_reversed": "virement_annule",
    "bank_refund": "remboursement_virement",
    "dispute": "contestation",
    "dispute_won": "contestation_gagnee",
    "waiver": "abandon",
    "favour": "remboursement_sans_avoir",
    "claim_interest": "interets_de_retard",
    "claim_fee": "indemnite_de_recouvrement",
}


def nature_of(kind: str) -> str:
    """Name the kind of a line of a statement, or of an entry."""
    return _NATURES[kind]
