"""Plain rules of compliance: notices, consent, the gate, opt-out words."""
