"""The vocabulary of the simulated shop."""

PARENTS = (
    ("Clothing", ("Shirt", "Jacket", "Jeans", "Scarf")),
    ("Shoes", ("Sneaker", "Boot", "Sandal", "Loafer")),
    ("Electronics", ("Headphones", "Charger", "Speaker", "Camera")),
    ("Home", ("Lamp", "Cushion", "Vase", "Blanket")),
    ("Kitchen", ("Pan", "Knife", "Kettle", "Mug")),
    ("Sports", ("Racket", "Bottle", "Mat", "Helmet")),
    ("Toys", ("Puzzle", "Robot", "Kite", "Doll")),
    ("Beauty", ("Cream", "Perfume", "Brush", "Soap")),
)
"""Top-level categories and what is sold in them."""
LINES = ("Basics", "Classics", "Outdoor", "Kids", "Studio", "Travel", "Premium", "Sale")
"""Each top-level category is split into these categories."""
ADJECTIVES = (
    "Nordic",
    "Bright",
    "Quiet",
    "Sturdy",
    "Soft",
    "Slim",
    "Bold",
    "Light",
    "Warm",
    "Fresh",
    "Simple",
    "Grand",
)
BRANDS = (
    "Aster",
    "Borealis",
    "Cobalt",
    "Dune",
    "Ember",
    "Fjord",
    "Grove",
    "Harbor",
    "Iris",
    "Juniper",
    "Kite",
    "Lumen",
)

GIVEN_NAMES = (
    *("Ada", "Ben", "Chloe", "David", "Elif", "Felix", "Grace", "Hugo", "Ines", "Jonas", "Karim", "Lea", "Mina"),
    *("Noah", "Olga", "Paul", "Quinn", "Rosa", "Sami", "Tara", "Uma", "Viktor", "Wei", "Yara", "Zoe"),
)
FAMILY_NAMES = (
    *("Adler", "Bauer", "Costa", "Dubois", "Eriksen", "Fischer", "Garcia", "Haddad", "Ivanov", "Jansen", "Kaya"),
    *("Lopez", "Moreau", "Novak", "Okafor", "Petrov", "Rossi", "Silva", "Tanaka", "Vogel", "Weber", "Yilmaz"),
)
GENDERS = ("female", "male", "other", "undisclosed")
GENDER_SHARES = (0.47, 0.45, 0.03, 0.05)
COUNTRIES = ("DE", "FR", "GB", "ES", "IT", "NL", "PL", "SE", "TR", "US")

WAREHOUSES = ("W1", "W2", "W3")
PAGES = ("/", "/search", "/sale", "/cart", "/checkout")

AGENTS = (
    ("website", "Chrome/139 (Windows NT 10.0)"),
    ("website", "Chrome/139 (Macintosh)"),
    ("website", "Safari/18 (Macintosh)"),
    ("website", "Firefox/142 (X11; Linux)"),
    ("website", "Chrome/139 (Android 15)"),
    ("website", "Safari/18 (iPhone)"),
    ("mobile_app", "FootfallShop/5.2 (iOS 18)"),
    ("mobile_app", "FootfallShop/5.1 (iOS 17)"),
    ("mobile_app", "FootfallShop/5.2 (Android 15)"),
    ("mobile_app", "FootfallShop/4.9 (Android 13)"),
)
"""Source and user agent, which belong together."""
CHANNELS = ("organic", "paid_search", "email", "social", "direct", "referral", "push")
WEB_CHANNEL_SHARES = (0.34, 0.22, 0.10, 0.12, 0.15, 0.07, 0.0)
APP_CHANNEL_SHARES = (0.0, 0.05, 0.15, 0.10, 0.45, 0.0, 0.25)
"""An app visit is never organic, a website visit never follows a push message."""

DISCOUNTS = ("0.0000", "0.0500", "0.1000", "0.1500", "0.2000")
DISCOUNT_SHARES = (0.70, 0.10, 0.10, 0.06, 0.04)
SHIPPING = ("0.00", "2.99", "4.99", "7.99")
SHIPPING_SHARES = (0.35, 0.30, 0.25, 0.10)
PAYMENT_METHODS = ("card", "paypal", "apple_pay", "google_pay", "bank_transfer", "gift_card")
PAYMENT_METHOD_SHARES = (0.48, 0.22, 0.10, 0.08, 0.09, 0.03)
FAILURE_REASONS = ("card_declined", "insufficient_funds", "expired_card", "gateway_timeout", "fraud_suspected")
FAILURE_SHARES = (0.40, 0.28, 0.14, 0.12, 0.06)
REFUND_REASONS = (
    ("returned", "1.00"),
    ("damaged", "1.00"),
    ("wrong_item", "1.00"),
    ("late_delivery", "0.25"),
    (None, "1.00"),
)
"""Why money goes back, and how much of what was paid; the last is a shop that does not say."""
REFUND_REASON_SHARES = (0.55, 0.15, 0.10, 0.08, 0.12)
