"""What travels between studio and devices: messages, topics, signatures, and the link that carries them."""
