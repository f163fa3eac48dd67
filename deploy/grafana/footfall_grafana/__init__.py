"""Grafana's dashboards as code: a module for each, written to ../dashboards by `make manifests`."""
