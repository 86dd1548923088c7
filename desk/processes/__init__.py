"""What runs: `web`, `worker`, `engine`, and the supervisor that starts them all on one machine."""
