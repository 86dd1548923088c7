"""Third-party servers for tests, speaking real HTTP on a loopback port."""
