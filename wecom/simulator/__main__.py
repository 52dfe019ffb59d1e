"""`python -m wecom.simulator`: the simulator without Django, as the command `wecom_simulator` starts it."""

import sys
from argparse import ArgumentParser
from pathlib import Path

from wecom.simulator.errors import ControlRefused
from wecom.simulator.run import add_arguments, run

if __name__ == "__main__":
    parser = ArgumentParser(prog="wecom.simulator", description="A faithful WeCom on loopback.")
    add_arguments(parser, home=Path("var") / "wecom_simulator")
    asked = parser.parse_args()
    try:
        run(port=asked.port, home=asked.home, fill_with=asked.fill, say=lambda text: print(text, flush=True))  # noqa: T201  # its only output
    except ControlRefused as refusal:
        sys.exit(str(refusal))
