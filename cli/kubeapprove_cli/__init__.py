"""`kubectl approve`: read a change, decide on it, wait for a decision."""
