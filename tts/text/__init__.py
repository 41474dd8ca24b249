"""Reading rules: written Vietnamese in, the words a newsreader would say out. Pure."""
