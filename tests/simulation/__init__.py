"""Six months of many handoffs in a minute: the real use cases, engine and courier in virtual time, from one seed.

Only time and the far end of the network are simulated. `python -m tests.simulation --seed N` replays a run exactly.
"""
