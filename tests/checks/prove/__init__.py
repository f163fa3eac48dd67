"""`make prove`: real runs under disorder, kills and rescaling, every output compared with an independent computation."""
