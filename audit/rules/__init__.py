"""What an audit row may hold, how a row and a seal are written as bytes, and the tree that a seal signs."""

from audit.rules.changes import Changes, changes_between, safe_value
from audit.rules.rows import COLUMNS, canonical_bytes, row_hash

__all__ = ["COLUMNS", "Changes", "canonical_bytes", "changes_between", "row_hash", "safe_value"]
