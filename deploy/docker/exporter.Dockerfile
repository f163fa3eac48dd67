# Build from the repository root.
ARG PYTHON_IMAGE=python:3.11-slim-bookworm

FROM ${PYTHON_IMAGE} AS packages
ARG UV=uv==0.13.8
# Where a package has no wheel for the platform it is compiled.
RUN test "$(uname -m)" = x86_64 || \
    { apt-get update && apt-get install --yes --no-install-recommends build-essential; }
RUN pip install --no-cache-dir "$UV" && python -m venv --without-pip /opt/venv
COPY requirements/exporter.txt .
RUN --mount=type=cache,target=/root/.cache/uv UV_LINK_MODE=copy \
    uv pip install --python /opt/venv/bin/python --compile-bytecode --require-hashes --requirement exporter.txt

FROM ${PYTHON_IMAGE}
COPY --from=packages /opt/venv /opt/venv
WORKDIR /app
RUN install --directory --owner=10001 --group=10001 /var/lib/footfall/exported
COPY schemas schemas
COPY services/chassis services/chassis
COPY services/exporter services/exporter
USER 10001:10001
ENV PATH=/opt/venv/bin:$PATH HOME=/tmp PYTHONPATH=/app/schemas:/app/services/chassis:/app/services/exporter \
    PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 EXPORTER_HOST=0.0.0.0
EXPOSE 8300
CMD ["python", "-m", "footfall_exporter"]
