"""Footfall's contract: which topics exist, what their messages mean and how they are encoded."""
