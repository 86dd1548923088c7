"""What the Open311 server gives and takes: keys, what may be public, and its search."""
