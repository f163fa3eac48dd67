"""What is wrong with a running Footfall, since when, and what to do: the one answer that every command and probe gives.

`ask` observes, the other modules judge what was observed; they are pure.
"""
