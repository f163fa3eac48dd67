"""The containers for real: built, started, killed and started again; run with `make test-compose`."""
