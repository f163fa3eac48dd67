"""`footfall dead-letters`: what could not be read, why, and how to send it again."""
