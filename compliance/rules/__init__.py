"""Plain rules of compliance: notices, consent, the gate, opt-out words, the words of advertising law."""
