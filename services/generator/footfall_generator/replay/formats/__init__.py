"""The kinds of recorded files: how each is read, and what events its lines become."""
