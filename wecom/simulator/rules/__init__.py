"""The reference's section 3, one module per numbered rule: plain functions over plain values."""
