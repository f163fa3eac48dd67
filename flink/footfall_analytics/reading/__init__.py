"""What the job has written, read from its topics."""
