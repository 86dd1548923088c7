"""What the tests build their worlds from: clusters, engines, the whole system."""
