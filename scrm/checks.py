"""System checks: what a production installation must not begin with."""


def register() -> None:
    pass
