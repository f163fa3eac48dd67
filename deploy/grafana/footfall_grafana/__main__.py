"""Write the dashboards: `python -m footfall_grafana`."""

from footfall_grafana.files import files

for path, text in files().items():
    path.write_text(text)
