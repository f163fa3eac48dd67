"""What became of webhooks: kept in topics by whoever finished or tried them, read by any worker that is asked."""
