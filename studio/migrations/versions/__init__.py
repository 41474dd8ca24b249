"""One file a step: <number>_<what>.py."""
