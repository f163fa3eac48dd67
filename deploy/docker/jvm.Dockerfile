# What runs on a JVM: targets kafka, registry, flink (the cluster) and analytics (the supervisor of the job). All share one stage
# that fetches and builds the jars. Build from the repository root.
ARG MAVEN_IMAGE=maven:3.9-eclipse-temurin-17
ARG KAFKA_IMAGE=apache/kafka:4.3.1
ARG FLINK_IMAGE=flink:2.3.0-java17
ARG JRE_IMAGE=eclipse-temurin:17-jre
ARG PYTHON_IMAGE=python:3.11-slim-bookworm
# Which image of `analytics` is built; arm64 runs on amd64, too.
ARG PLANNER=${TARGETARCH}

FROM ${MAVEN_IMAGE} AS jars
WORKDIR /build
COPY stack/pom.xml stack/pom.xml
# Only what containers need: broker and database are in images of others.
RUN --mount=type=cache,target=/root/.m2/repository \
    mvn --batch-mode --no-transfer-progress --file stack/pom.xml -Djars=/jars \
      dependency:copy@flink dependency:copy@flink-opt dependency:copy@monitoring dependency:unpack@registry
COPY flink/connector flink/connector
RUN --mount=type=cache,target=/root/.m2/repository \
    mvn --batch-mode --no-transfer-progress --file flink/connector/pom.xml -Djars=/jars package

FROM ${KAFKA_IMAGE} AS kafka
# Tells Prometheus what the broker does.
COPY --from=jars /jars/monitoring /opt/monitoring
COPY stack/config/kafka/metrics.yaml /opt/monitoring/metrics.yaml
USER 1000:1000

FROM ${JRE_IMAGE} AS registry
COPY --from=jars /jars/registry /opt/registry
RUN cd /opt/registry && ln -s apicurio-registry-app-*-runner.jar runner.jar && \
    install --directory --owner=10001 --group=10001 /var/lib/registry
USER 10001:10001
ENV HOME=/tmp
EXPOSE 8085
ENTRYPOINT ["java", "-Djava.util.logging.manager=org.jboss.logmanager.LogManager", "-jar", "/opt/registry/runner.jar"]

FROM ${FLINK_IMAGE} AS distribution

FROM distribution AS flink
COPY --from=jars /jars/flink /opt/flink/lib
# State lies on a volume that the supervisor shares; a new volume takes over the owner of this directory.
USER root
RUN install --directory --owner=9999 --group=9999 /var/lib/footfall
USER 9999:9999
COPY deploy/docker/flink.yaml /opt/flink/conf/config.yaml
ENV FLINK_LOG_DIR=/tmp/log FLINK_PID_DIR=/tmp MALLOC_ARENA_MAX=2

FROM ${PYTHON_IMAGE} AS python
ARG UV=uv==0.13.8
RUN pip install --no-cache-dir "$UV" && python -m venv --without-pip /opt/venv
COPY requirements/analytics.txt requirements/analytics-arm64.txt /

FROM python AS planner-amd64
RUN --mount=type=cache,target=/root/.cache/uv UV_LINK_MODE=copy \
    uv pip install --python /opt/venv/bin/python --compile-bytecode --require-hashes --requirement /analytics.txt
# It brings a Flink of its own.
RUN mkdir /opt/flink

# There is no wheel of apache-flink for it. The same script is planned by the same Java, which PyFlink would only call.
FROM python AS planner-arm64
RUN echo "No PyFlink for this platform: jobs are planned by Flink's own Java" >&2
RUN --mount=type=cache,target=/root/.cache/uv UV_LINK_MODE=copy \
    uv pip install --python /opt/venv/bin/python --compile-bytecode --require-hashes --requirement /analytics-arm64.txt
COPY --from=distribution /opt/flink /opt/flink

FROM planner-${PLANNER} AS planner

FROM ${JRE_IMAGE} AS jre

FROM ${PYTHON_IMAGE} AS analytics
COPY --from=jre /opt/java/openjdk /opt/java/openjdk
COPY --from=planner /opt/venv /opt/venv
COPY --from=planner /opt/flink /opt/flink
COPY --from=jars /jars /opt/jars
RUN install --directory --owner=9999 --group=9999 /var/lib/footfall
WORKDIR /app
COPY schemas schemas
COPY services/chassis services/chassis
COPY health health
COPY security security
COPY flink/sql flink/sql
COPY flink/footfall_analytics flink/footfall_analytics
# The cluster's user: they write into one directory.
USER 9999:9999
# PyFlink asks for the name of its user, who has none here.
ENV PATH=/opt/venv/bin:/opt/java/openjdk/bin:$PATH JAVA_HOME=/opt/java/openjdk HOME=/tmp USER=footfall \
    FLINK_HOME=/opt/flink FLINK_LOG_DIR=/tmp \
    PYTHONPATH=/app/schemas:/app/services/chassis:/app/health:/app/security:/app/flink PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    FOOTFALL_DATA_DIR=/var/lib/footfall FOOTFALL_JARS_DIR=/opt/jars ANALYTICS_HOST=0.0.0.0
EXPOSE 8400
CMD ["python", "-m", "footfall_analytics", "run"]
