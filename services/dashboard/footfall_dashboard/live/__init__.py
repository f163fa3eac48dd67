"""The newest 49 hours of the output topics, and the panels drawn from them."""
