"""The agent on the pole, and the wire that everyone speaks with it."""
