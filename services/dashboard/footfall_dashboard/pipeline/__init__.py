"""The map of the pipeline: who writes what, who reads it, how fast, how far behind, and what is wrong with it.

`model` is pure and draws what one look has found; `sampler` looks, again and again; `routes` puts it on HTTP.
"""
