"""One attempt at one endpoint."""
