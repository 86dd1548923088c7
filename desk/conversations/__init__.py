"""What is said: messages in, the turn that answers them, the outbox, and handing over to people."""
