"""Write the dashboards anew: `make manifests`."""

from footfall_grafana.files import files

if __name__ == "__main__":
    for path, text in files().items():
        path.write_text(text)
