"""The ledger: what moved for each invoice, who posts to it, where it is kept."""
