"""The people's side: conversations, tickets, knowledge, and the processes that serve them."""
