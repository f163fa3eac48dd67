"""Whether endpoints still get webhooks: what every worker knows, and how long failing goes well."""
