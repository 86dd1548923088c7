"""Side-by-side measurements: `make bench WHAT=engine|turn`."""
