"""`./run demo`: the whole road on one machine, with nothing in it that a commune does not have."""
