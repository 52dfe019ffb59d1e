"""What the audit refuses."""


class OutsideTransaction(RuntimeError):
    """An audit row was to be written outside of the transaction of the act it records: a fault of the program."""
