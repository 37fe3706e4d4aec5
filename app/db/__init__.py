"""The ground every feature stands on: tables, transactions, set-based statements."""
