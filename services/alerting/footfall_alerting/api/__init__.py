"""What any worker answers over HTTP: what became of webhooks, and what can be done about it."""
