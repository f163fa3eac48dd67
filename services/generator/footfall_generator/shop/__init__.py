"""The simulated shop: what it sells, who comes, what they do, what is in stock."""
