"""What the recommender counts."""

from enum import StrEnum

from footfall_chassis.metrics import LabelledCounter, counter, gauge, seconds


class Answer(StrEnum):
    """What a request was answered with."""

    RELATED = "related"
    UNKNOWN = "unknown"
    UNCHANGED = "unchanged"


ANSWERS = LabelledCounter(
    "footfall_recommendations_total", "Answers to requests for related products.", "answer", Answer
)
ANSWER_SECONDS = seconds(
    "footfall_recommendation_seconds",
    "How long an answer took inside the service.",
    (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.25, 1),
)
UPDATES = counter("footfall_recommender_updates_total", "Records of related-products that were read.")
DEAD_LETTERS = counter("footfall_recommender_dead_letters_total", "Records of related-products that were unreadable.")
PRODUCTS = gauge("footfall_recommender_products", "Products with related products in memory.")
SEEDED = gauge("footfall_recommender_seeded_products", "Products with related products of the last replay in memory.")
EVENT_TIME = gauge("footfall_recommender_as_of_seconds", "Newest event time in memory, epoch seconds.")
