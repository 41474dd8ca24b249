"""What staff bring along: pasted pages and files in, lines of a bulletin out. Pure but for apart.py and child.py."""
