"""From SQL files and settings to the job's script, and what is right or wrong in a compiled plan. Pure."""
