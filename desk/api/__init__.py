"""How the desk is reached over HTTP: channels, and the loopback endpoint of the actions."""
