"""Pages of payments: cards, payment of an invoice, statement, late payers, closings."""
