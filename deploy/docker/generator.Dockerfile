# Build from the repository root.
ARG PYTHON_IMAGE=python:3.11-slim-bookworm

FROM ${PYTHON_IMAGE} AS packages
ARG UV=uv==0.13.8
# Where a package has no wheel for the platform it is compiled.
RUN test "$(uname -m)" = x86_64 || \
    { apt-get update && apt-get install --yes --no-install-recommends build-essential; }
RUN pip install --no-cache-dir "$UV" && python -m venv --without-pip /opt/venv
COPY requirements/generator.txt .
RUN --mount=type=cache,target=/root/.cache/uv UV_LINK_MODE=copy \
    uv pip install --python /opt/venv/bin/python --require-hashes --requirement generator.txt
# Not compiled, and without what nothing here uses of the two largest packages: they are most of the image.
RUN cd /opt/venv/lib/python3*/site-packages && \
    rm -rf pyarrow/tests pyarrow/src pyarrow/include pyarrow/*flight* pyarrow/*substrait* && \
    find numpy -type d -name tests -prune -exec rm -rf {} +

FROM ${PYTHON_IMAGE}
COPY --from=packages /opt/venv /opt/venv
WORKDIR /app
COPY schemas schemas
COPY services/chassis services/chassis
COPY services/generator services/generator
USER 10001:10001
ENV PATH=/opt/venv/bin:$PATH HOME=/tmp PYTHONPATH=/app/schemas:/app/services/chassis:/app/services/generator \
    PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
CMD ["python", "-m", "footfall_generator"]
