"""`footfall report`: the panels of a past range in one HTML file that needs nothing but a browser."""
