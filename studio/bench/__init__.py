"""Benchmarks: each prints a figure beside the physical limit measured in the same run. They tell; they do not judge."""
