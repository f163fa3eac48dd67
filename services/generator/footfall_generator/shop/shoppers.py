"""Shoppers walking through the shop: visit, look, put into the cart, pay or leave, come back.

Each shopper present is one position in a set of arrays; an act of a shopper is one event or one payment attempt. Many
shoppers act at once, so that an event costs a few hundred nanoseconds.
"""

from dataclasses import dataclass

import numpy as np

from footfall_generator.events.arrays import Flags, Floats, Ints
from footfall_generator.shop.catalog import Catalog
from footfall_generator.shop.vocabulary import (
    APP_CHANNEL_SHARES,
    CHANNELS,
    DISCOUNT_SHARES,
    FAILURE_SHARES,
    PAGES,
    PAYMENT_METHOD_SHARES,
    PAYMENT_METHODS,
    SHIPPING,
    SHIPPING_SHARES,
    WEB_CHANNEL_SHARES,
)

ACTIONS = ("page_view", "product_view", "product_click", "add_to_cart", "add_to_wishlist", "remove_from_cart")
PAGE_VIEW, VIEW, CLICK, ADD, WISH, REMOVE = range(6)
NEXT_ACTION = np.cumsum([0.13, 0.60, 0.13, 0.09, 0.03, 0.02])
"""How often a shopper who looks at a product does each of ACTIONS next."""
LISTING_FIRST = 0.25
"""How often a shopper who looks at no product yet opens another page before the first product."""
THEME = 0.85
"""How often the next product comes from the category the visit is about: this is what co-views have in common."""
MEAN_VIEWS = 7.0
LEAVE, CHECK_OUT, PAYS, RETRY = 0.5, 0.65, 0.93, 0.6
LINES_PER_ORDER = 3
PHASES = ARRIVING, BROWSING, PAYING = range(3)
HOME, CHECKOUT_PAGE = PAGES.index("/"), PAGES.index("/checkout")


@dataclass(frozen=True)
class Clicks:
    """Acts that are clickstream events; `act` is their place in the batch."""

    act: Ints
    user: Ints
    visit: Ints
    client: Ints
    """Position in AGENTS x CHANNELS."""
    action: Ints
    thing: Ints
    """The product, or the position in PAGES if the action is PAGE_VIEW."""


@dataclass(frozen=True)
class Lines:
    """Product lines of payment attempts; lines of one attempt share `act`."""

    act: Ints
    number: Ints
    """Counted from the opening of the shop."""
    user: Ints
    visit: Ints
    client: Ints
    product: Ints
    quantity: Ints
    currency: Ints
    """Position in the catalog's currencies."""
    price: Ints
    """Of one unit, in hundredths of the currency's unit."""
    terms: Ints
    """Position in DISCOUNTS x SHIPPING x PAYMENT_METHODS."""
    outcome: Ints
    """0 for a payment that succeeded, else 1 + the position in FAILURE_REASONS."""


class Shoppers:
    """The shoppers present; a visit that ends makes room for the next one."""

    def __init__(self, catalog: Catalog, rng: np.random.Generator, present: int) -> None:
        self._catalog = catalog
        self._rng = rng
        self._visits = 0
        self._lines = 0
        self.present = present
        self._user, self._visit, self._client, self._theme, self._views_left, self._terms = np.zeros(
            (6, present), dtype=np.int64
        )
        self._product = np.full(present, -1, dtype=np.int64)
        self._cart = np.full((present, LINES_PER_ORDER), -1, dtype=np.int64)
        self._quantity = np.ones((present, LINES_PER_ORDER), dtype=np.int64)
        self._phase = np.full(present, BROWSING, dtype=np.int64)
        self._open_mid_day()

    def act(self, count: int) -> tuple[Clicks, Lines]:
        """Let `count` different shoppers do their next act, in random order."""
        who = self._rng.choice(self.present, count, replace=False)
        luck = self._rng.random((2, count))
        phase = self._phase[who]
        done = (phase == BROWSING) & (self._views_left[who] <= 0) & (luck[0] < LEAVE)
        checking_out = done & (self._cart[who, 0] >= 0) & (luck[1] < CHECK_OUT)
        arriving = (phase == ARRIVING) | (done & ~checking_out)
        browsing = (phase == BROWSING) & ~done
        paying = phase == PAYING

        lines = self._pay(who, np.flatnonzero(paying), luck[0])
        self._phase[who[checking_out]] = PAYING
        self._arrive(who[arriving])
        action = np.full(count, PAGE_VIEW, dtype=np.int64)
        thing = np.where(checking_out, CHECKOUT_PAGE, HOME)
        action[browsing], thing[browsing] = self._browse(who[browsing], luck[1][browsing])
        acts = np.flatnonzero(~paying)
        clicker = who[acts]
        clicks = Clicks(
            act=acts,
            user=self._user[clicker],
            visit=self._visit[clicker],
            client=self._client[clicker],
            action=action[acts],
            thing=thing[acts],
        )
        return clicks, lines

    def _open_mid_day(self) -> None:
        """Put everybody somewhere in a visit, so that the first minute looks like any other."""
        everybody = np.arange(self.present)
        self._arrive(everybody)
        self._product[:] = self._pick(everybody)
        carts = self._rng.permutation(self.present)[: self.present // 4]
        self._cart[carts, 0] = self._product[carts]
        self._phase[carts[: len(carts) // 10]] = PAYING
        self._views_left[::10] = 0

    def _arrive(self, who: Ints) -> None:
        catalog, rng, count = self._catalog, self._rng, len(who)
        user = _draw(rng, catalog.activity, count)
        app = np.where(rng.random(count) < THEME, catalog.app_user[user], 1 - catalog.app_user[user])
        agent = np.where(app, catalog.app_agent[user], catalog.web_agent[user])
        shares = (np.cumsum(WEB_CHANNEL_SHARES), np.cumsum(APP_CHANNEL_SHARES))
        channel = np.where(app, _draw(rng, shares[1], count), _draw(rng, shares[0], count))
        terms = _draw(rng, np.cumsum(DISCOUNT_SHARES), count) * len(SHIPPING) + _draw(
            rng, np.cumsum(SHIPPING_SHARES), count
        )
        self._user[who] = user
        self._visit[who] = self._visits + np.arange(count)
        self._visits += count
        self._client[who] = agent * len(CHANNELS) + channel
        self._theme[who] = catalog.category[_draw(rng, catalog.popularity, count)]
        self._views_left[who] = rng.geometric(1 / MEAN_VIEWS, count)
        self._terms[who] = terms * len(PAYMENT_METHODS) + _draw(rng, np.cumsum(PAYMENT_METHOD_SHARES), count)
        self._product[who] = -1
        self._cart[who] = -1
        self._phase[who] = BROWSING

    def _browse(self, who: Ints, luck: Floats) -> tuple[Ints, Ints]:
        """Return the action of each shopper and what it is about."""
        product, cart = self._product[who], self._cart[who]
        action = np.searchsorted(NEXT_ACTION, luck * NEXT_ACTION[-1], side="right")
        action[(action == ADD) & ((cart[:, -1] >= 0) | (cart == product[:, None]).any(axis=1))] = VIEW
        action[(action == REMOVE) & (cart[:, 0] < 0)] = CLICK
        action[product < 0] = np.where(luck[product < 0] < LISTING_FIRST, PAGE_VIEW, VIEW)
        # Whoever has seen enough only lingers over the last product.
        action[(action == VIEW) & (self._views_left[who] <= 0) & (product >= 0)] = CLICK

        self._look(who[action == VIEW])
        thing = np.where(action == PAGE_VIEW, who % CHECKOUT_PAGE, self._product[who])
        self._put(who[action == ADD])
        removing = action == REMOVE
        thing[removing] = self._take_out(who[removing])
        return action, thing

    def _look(self, who: Ints) -> None:
        self._product[who] = self._pick(who)
        self._views_left[who] -= 1

    def _pick(self, who: Ints) -> Ints:
        """Choose products: mostly from the theme of the visit, popular ones more often."""
        catalog, theme = self._catalog, self._theme[who]
        shares = np.concatenate(([0.0], catalog.popularity))
        themed = self._rng.random(len(who)) < THEME
        low = np.where(themed, shares[catalog.category_start[theme]], 0.0)
        high = np.where(themed, shares[catalog.category_start[theme + 1]], shares[-1])
        picked = np.searchsorted(catalog.popularity, low + self._rng.random(len(who)) * (high - low), side="right")
        return np.asarray(np.minimum(picked, len(catalog.popularity) - 1))

    def _put(self, who: Ints) -> None:
        place = (self._cart[who] >= 0).sum(axis=1)
        self._cart[who, place] = self._product[who]
        self._quantity[who, place] = self._rng.geometric(0.75, len(who)).clip(max=5)

    def _take_out(self, who: Ints) -> Ints:
        place = (self._cart[who] >= 0).sum(axis=1) - 1
        product = self._cart[who, place]
        self._cart[who, place] = -1
        return np.asarray(product)

    def _pay(self, who: Ints, acts: Ints, luck: Floats) -> Lines:
        payer = who[acts]
        fails = luck[acts] >= PAYS
        outcome = np.where(fails, 1 + _draw(self._rng, np.cumsum(FAILURE_SHARES), len(acts)), 0)
        row, place = np.nonzero(self._cart[payer] >= 0)
        user, product = self._user[payer[row]], self._cart[payer[row], place]
        currency = self._catalog.currency_of(user)
        lines = Lines(
            act=acts[row],
            number=self._lines + np.arange(len(row)),
            user=user,
            visit=self._visit[payer[row]],
            client=self._client[payer[row]],
            product=product,
            quantity=self._quantity[payer[row], place],
            currency=currency,
            price=self._catalog.prices_of(product, currency),
            terms=self._terms[payer[row]],
            outcome=outcome[row],
        )
        self._lines += len(row)
        gone: Flags = ~fails | (self._rng.random(len(acts)) >= RETRY)
        self._phase[payer[gone]] = ARRIVING
        return lines


def _draw(rng: np.random.Generator, cumulated: Floats, count: int) -> Ints:
    """Draw positions with the probabilities whose running total is given."""
    drawn = np.searchsorted(cumulated, rng.random(count) * cumulated[-1], side="right")
    return np.asarray(np.minimum(drawn, len(cumulated) - 1))
