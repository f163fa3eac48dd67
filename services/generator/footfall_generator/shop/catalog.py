"""What the shop sells, to whom, and how popular each product is."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

import numpy as np
from footfall_schemas.topics import Json

from footfall_generator.events.arrays import Floats, Ints
from footfall_generator.events.clock import moment
from footfall_generator.events.currencies import converted, rates
from footfall_generator.shop.vocabulary import (
    ADJECTIVES,
    AGENTS,
    BRANDS,
    COUNTRIES,
    FAMILY_NAMES,
    GENDER_SHARES,
    GENDERS,
    GIVEN_NAMES,
    LINES,
    PARENTS,
    WAREHOUSES,
)

LEAD_TIME = timedelta(minutes=3)
"""Short, so that a shop one looks at for some minutes runs out of something."""
SOLD_PER_EVENT = 0.03
"""Units sold per event of all streams; measured, it sizes the stock to the demand."""
THRIFT = 0.7
"""Stock is ordered so late that popular products sell out now and then."""
APP_SHARE = 0.4


@dataclass(frozen=True)
class Catalog:
    """The shop; products, users and categories are known by their position."""

    category_ids: tuple[str, ...]
    product_ids: tuple[str, ...]
    user_ids: tuple[str, ...]
    category: Ints
    """Category of each product; products of one category lie side by side."""
    category_start: Ints
    """First product of each category, and one past the last product at the end."""
    popularity: Floats
    """Share of all views that go to the products up to and including each one."""
    prices: Ints
    """List price of each product in euro cents; changes with the live price updates."""
    commissions: Ints
    """In hundredths of a percent."""
    thresholds: Ints
    lead_time: timedelta
    """Mean time from ordering new stock to its arrival."""
    activity: Floats
    """Share of all visits made by the users up to and including each one."""
    web_agent: Ints
    app_agent: Ints
    app_user: Ints
    """1 for users who mostly come through the app."""
    profile: Ints
    """A number from which a user's name, gender, country, currency and age of the account follow."""
    currencies: tuple[str, ...]

    def currency_of(self, users: Ints) -> Ints:
        """Return what the users pay in: positions in `currencies`, always the same for a user."""
        return (self.profile[users] >> 48) % len(self.currencies)

    def prices_of(self, products: Ints, currencies: Ints) -> Ints:
        """Return what the products cost now, each in one of the shop's currencies, in hundredths of its unit."""
        return converted(self.prices[products], rates(self.currencies)[currencies])


def build_catalog(
    rng: np.random.Generator,
    *,
    users: int,
    products: int,
    rate: float,
    lead_time: timedelta = LEAD_TIME,
    currencies: tuple[str, ...] = ("EUR",),
) -> Catalog:
    """Draw a shop.

    Args:
        rng: Source of every draw.
        users: How many users there are.
        products: How many products there are.
        rate: Events per second of event time; stock thresholds follow the demand it means.
        lead_time: Mean time from ordering new stock to its arrival, which the thresholds follow, too.
        currencies: Every user pays in one of these.
    """
    categories = min(len(PARENTS) * len(LINES), products)
    category = np.arange(products, dtype=np.int64) * categories // products
    weights = _zipf(rng, products)
    lead_demand = rate * SOLD_PER_EVENT * weights / len(WAREHOUSES) * lead_time.total_seconds()
    activity = rng.lognormal(0.0, 1.0, users)
    web_agents = sum(source == "website" for source, _ in AGENTS)
    return Catalog(
        category_ids=tuple(f"C{number + 1:03d}" for number in range(categories)),
        product_ids=tuple(f"P{number + 1:0{max(5, len(str(products)))}d}" for number in range(products)),
        user_ids=tuple(f"U{number + 1:0{max(6, len(str(users)))}d}" for number in range(users)),
        category=category,
        category_start=np.searchsorted(category, np.arange(categories + 1)),
        popularity=np.cumsum(weights),
        prices=np.round(np.exp(rng.normal(3.4, 0.8, products)) * 100).astype(np.int64).clip(199, 99_999),
        commissions=rng.choice(np.array([500, 800, 1000, 1200, 1500], dtype=np.int64), products),
        thresholds=np.ceil(lead_demand * THRIFT).astype(np.int64).clip(3),
        lead_time=lead_time,
        activity=np.cumsum(activity / activity.sum()),
        web_agent=rng.integers(0, web_agents, users),
        app_agent=rng.integers(web_agents, len(AGENTS), users),
        app_user=(rng.random(users) < APP_SHARE).astype(np.int64),
        profile=rng.integers(0, 1 << 62, users),
        currencies=currencies,
    )


def category_records(catalog: Catalog) -> Iterator[Json]:
    """Return the rows of `categories`."""
    for number, category_id in enumerate(catalog.category_ids):
        parent, line = PARENTS[number % len(PARENTS)][0], LINES[number // len(PARENTS)]
        yield {
            "category_id": category_id,
            "updated_at": moment(0),
            "name": f"{parent} {line}",
            "parent_category_name": parent,
        }


def product_records(catalog: Catalog) -> Iterator[Json]:
    """Return the rows of `products` as loaded in bulk."""
    return (product_record(catalog, number, 0) for number in range(len(catalog.product_ids)))


def product_record(catalog: Catalog, product: int, updated_at: int) -> Json:
    """Return one product as it is from `updated_at`, in milliseconds since 1970."""
    category = int(catalog.category[product])
    nouns = PARENTS[category % len(PARENTS)][1]
    (price,) = catalog.prices_of(np.array([product]), np.array([0]))
    spread = product * 2_654_435_761 >> 7  # so that neighbours do not share a name
    return {
        "product_id": catalog.product_ids[product],
        "updated_at": moment(updated_at),
        "name": f"{ADJECTIVES[spread % len(ADJECTIVES)]} {nouns[spread // 31 % len(nouns)]} {product + 1}",
        "category_id": catalog.category_ids[category],
        "brand": BRANDS[spread // 7 % len(BRANDS)],
        "unit_price": Decimal(int(price)).scaleb(-2),
        "commission_rate": Decimal(int(catalog.commissions[product])).scaleb(-4),
        "reorder_threshold": int(catalog.thresholds[product]),
    }


def user_records(catalog: Catalog) -> Iterator[Json]:
    """Return the rows of `users`."""
    shares = np.cumsum(GENDER_SHARES)
    gender = np.searchsorted(shares, (catalog.profile % 9973) / 9973 * shares[-1], side="right")
    for number, user_id in enumerate(catalog.user_ids):
        profile = int(catalog.profile[number])
        yield {
            "user_id": user_id,
            "updated_at": moment(0),
            "name": f"{GIVEN_NAMES[profile % len(GIVEN_NAMES)]} {FAMILY_NAMES[profile // 64 % len(FAMILY_NAMES)]}",
            "gender": GENDERS[int(gender[number])],
            "country": COUNTRIES[profile // 4096 % len(COUNTRIES)],
            "registered_at": moment(1_420_070_400_000 + profile % 290_000_000 * 1000),
        }


def _zipf(rng: np.random.Generator, count: int) -> Floats:
    """Return shares that add up to 1: a few favourites and a long tail that is never quite forgotten."""
    ranks = rng.permutation(count)
    weights = 1 / (ranks + 3.0)
    weights = np.maximum(weights, weights.max() / 500)
    return np.asarray(weights / weights.sum())
