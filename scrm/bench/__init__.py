"""Benches: how the product compares with the bare statement and with its peers, as ratios measured in one run."""
