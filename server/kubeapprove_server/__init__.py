"""What the servers, webhook and operator, have in common."""
