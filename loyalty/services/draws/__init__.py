"""Draws: rules and the fingerprint of the seed are published, entries come, the seed opens and decides; or it is void."""

from loyalty.services.draws.entering import Entered, enter
from loyalty.services.draws.keeping import Rules, publish_draw, save_draw, submit_draw
from loyalty.services.draws.running import prove_draw, run_draw, run_due_draws
from loyalty.services.draws.voiding import ask_to_void, keep_draw, void_draw

__all__ = [
    "Entered",
    "Rules",
    "ask_to_void",
    "enter",
    "keep_draw",
    "prove_draw",
    "publish_draw",
    "run_draw",
    "run_due_draws",
    "save_draw",
    "submit_draw",
    "void_draw",
]
