"""What happens because time has passed."""

from wecom.simulator.acts import acquisition, moments, transfers
from wecom.simulator.world import World


def run(world: World) -> None:
    with world.store.transaction():
        transfers.settle(world)
        moments.finish_due(world)
        acquisition.warn_of_expiry(world)
