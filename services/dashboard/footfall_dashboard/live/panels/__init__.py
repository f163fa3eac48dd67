"""What each panel shows: pure functions of the rows in memory."""
