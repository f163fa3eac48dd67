"""Programs that check the whole for longer than a test may take, started by make."""
