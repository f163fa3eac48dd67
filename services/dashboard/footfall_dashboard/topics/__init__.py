"""Browses Footfall's topics, read only: where they begin and end, who is how far behind, and the newest messages.

`names`, `showing`, `paging` and `listing` are pure; `broker` and `reading` ask Kafka; `browser` bounds what may be asked.
"""
