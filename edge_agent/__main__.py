"""`python -m edge_agent` is `loa-agent`."""

from edge_agent.cli import main

main()
