"""Makes the map of the pipeline and the browser of topics of what the environment says."""

from footfall_health.shop import ShopSettings
from footfall_schemas.registry import SchemaRegistry

from footfall_dashboard.pipeline.sampler import Pipeline
from footfall_dashboard.pipeline.watching import watched_of
from footfall_dashboard.settings import DashboardSettings
from footfall_dashboard.topics.browser import WITHIN, Topics


def pipeline_of(settings: DashboardSettings, shop: ShopSettings) -> Pipeline:
    """Return the map; it is drawn while its `run` goes on.

    Args:
        settings: Of the page.
        shop: How the jobs are run.
    """
    services = {"alerting": settings.alerting_url, "recommender": settings.recommender_url}
    watched = watched_of(shop, settings.topic_prefix, services)
    return Pipeline(watched, prefix=settings.topic_prefix, flink_ui=settings.flink_ui_url)


def topics_of(settings: DashboardSettings, pipeline: Pipeline) -> Topics:
    """Return the browser of topics.

    Args:
        settings: Of the page.
        pipeline: It knows the consumer groups.
    """
    registry = SchemaRegistry(
        settings.schema_registry_url,
        user=settings.schema_registry_user,
        password=settings.schema_registry_password.get_secret_value(),
        ca=settings.registry_ca,
        timeout=WITHIN / 2,
    )
    return Topics(
        settings.librdkafka(),
        registry.schema,
        prefix=settings.topic_prefix,
        groups=pipeline.groups,
        show_personal=settings.show_personal,
    )
