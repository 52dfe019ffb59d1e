"""Groups, participants, messages, KOC, tasks and the ledger for programs."""
