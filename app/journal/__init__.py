"""What came in at the doors and what was answered, written down beside the transactions: no ledger, diagnostics."""
