"""What is looked at: what `footfall status` looks at, as far as this service is told of it."""

from collections.abc import Mapping
from dataclasses import replace

from footfall_health.shop import STOCK, JobPart, ShopSettings, of
from footfall_health.watched import Watched


def watched_of(shop: ShopSettings, prefix: str, services: Mapping[str, str]) -> Watched:
    """Return what is to be looked at.

    Args:
        shop: How the jobs are run.
        prefix: What the names of all topics begin with.
        services: Address of each service; those without one are left out.
    """
    # Whose own job leaves stock out has another one for it.
    jobs: tuple[JobPart, ...] = ("all",) if shop.job == "all" else ("shop", STOCK)
    watched = of(shop.model_copy(update={"topic_prefix": prefix}), jobs)
    return replace(watched, services={name: url for name, url in services.items() if url})
