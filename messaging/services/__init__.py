"""What is done with messages: every write to the ledger."""
