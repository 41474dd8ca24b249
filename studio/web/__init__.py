"""What staff see: server-rendered pages in Vietnamese, and the shell that serves pages and API alike."""
