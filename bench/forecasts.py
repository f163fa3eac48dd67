"""How well stock-outs are forecast, without a server: on sales of a shop that no constant was chosen by, or on made-up ones.

Forecasts are made as `stock_forecasts` makes them (the independent computation of tests/support/oracle, equal to the job's
to the bit). `learn` tries constants on the clicks of another shop; `judge` takes those of the job, and compares them on
UserBehavior with a rate that is the same at all hours and with a rhythm that is known from the start, their intervals made
wider or narrower until they hold as often.

    .venv/bin/python bench/forecasts.py learn train.tsv
    .venv/bin/python bench/forecasts.py judge userbehavior.csv
    .venv/bin/python bench/forecasts.py made-up
"""

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict
from itertools import product
from pathlib import Path
from statistics import fmean
from zoneinfo import ZoneInfo

from forecast_alerts import alerts
from forecast_figures import Case, Figures, cases, figures, flat, known, learnt, some, width_at
from forecast_sales import (
    KINDS,
    Shop,
    chance,
    clicks,
    dealt,
    groups,
    items,
    made_up_shop,
    user_behaviour,
    weekly_flash_sales,
)

from support.oracle.forecasts import MODEL, Model
from support.oracle.rhythm import Clock

RESULTS = Path(__file__).resolve().parent / "results"
SEED = 1
MOST = 3000
"""Forecasts for each kind of sales."""
LEARNT_BY = 1500
WANTED = (0.75, 0.85)
DEALS = 6
"""Sales that are dealt to products are so in several ways."""
HALF_LIVES = (24, 48, 96, 168)
BLOCKS = (3, 6)
DISPERSIONS = (1.0, 1.3, 1.6)
KINDS_OF_ROWS = (("buy", 1), ("buy", 2), ("buy", 4), ("buy", 8), ("cart", 4), ("fav", 4), ("pv", 10))
FLASH_SALES = (("buy", 2), ("buy", 4), ("cart", 4))


def main() -> None:
    """Print the figures and keep them in bench/results/."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    ways = parser.add_subparsers(dest="way", required=True)
    for way, of in (("learn", "clicks: SessionId, ItemId, seconds"), ("judge", "rows in the UserBehavior format")):
        command = ways.add_parser(way)
        command.add_argument("file", type=Path, help=of)
        zone = "Europe/Amsterdam" if way == "learn" else "Asia/Shanghai"
        command.add_argument("--zone", default=zone, help="time zone of the shop that the file is of")
    ways.add_parser("made-up")
    asked = parser.parse_args()
    if asked.way == "learn":
        kept = learn(asked.file, Clock(ZoneInfo(asked.zone)))
    elif asked.way == "judge":
        kept = judge(recorded(asked.file), Clock(ZoneInfo(asked.zone)))
    else:
        kept = judge({kind: [made_up_shop(kind, chance(SEED))] for kind in KINDS}, Clock(ZoneInfo("UTC")))
    (RESULTS / f"forecasts-{asked.way}.json").write_text(json.dumps(kept, indent=1) + "\n")


def learn(file: Path, clock: Clock) -> list[dict[str, object]]:
    """Score constants on one shop; 1 if intervals score as well as any in each kind of sales.

    Those come first that hold as often as they say in every kind; of these, those that score best.
    """
    shops = {
        "most clicked items": items(clicks(file), 60),
        "groups of items": groups(clicks(file), 300, 20),
        "large groups of items": groups(clicks(file), 60, 5),
        "groups of items, a tenth of the sessions": groups(clicks(file, one_in=10), 300, 20),
        "large groups, a tenth of the sessions": groups(clicks(file, one_in=10), 100, 20),
    }
    for kind in ("groups of items", "large groups of items"):
        shops[f"{kind}, flash sales"] = weekly_flash_sales(shops[kind], chance(SEED))
    rhythms = {kind: learnt(shop, clock) for kind, shop in shops.items()}
    found = {}
    for half_life, block, dispersion in product(HALF_LIVES, BLOCKS, DISPERSIONS):
        model = Model(0.5 ** (1 / half_life), block, MODEL.usual_sales, dispersion)
        found[half_life, block, dispersion] = {
            kind: figures(_some(list(cases(shop, rhythms[kind], clock, model)), LEARNT_BY))
            for kind, shop in shops.items()
        }
    best = {kind: min(each[kind].score for each in found.values()) for kind in shops}
    scored = [(fmean(each[kind].score / best[kind] for kind in shops), key) for key, each in found.items()]
    scored.sort(key=lambda each: (not all(map(_holds, found[each[1]].values())), *each))
    for score, key in scored:
        holds = ", ".join(f"{each.holds:.1%}" for each in found[key].values())
        print(f"half-life {key[0]} h, blocks of {key[1]} h, usual dispersion {key[2]}: {score:.4f}; holds {holds}")
    return [
        {
            "half_life": key[0],
            "block_hours": key[1],
            "usual_dispersion": key[2],
            "score": score,
            "figures": {kind: asdict(each) for kind, each in found[key].items()},
        }
        for score, key in scored
    ]


def _holds(found: Figures) -> bool:
    return WANTED[0] <= found.holds <= WANTED[1]


def recorded(file: Path) -> dict[str, list[Shop]]:
    """Return shops of each kind of sales."""
    rng = chance(SEED)
    found: dict[str, list[Shop]] = {}
    for behaviour, products in KINDS_OF_ROWS:
        times = user_behaviour(file, behaviour)
        found[_name(behaviour, len(times), products)] = [dealt(times, products, rng) for _ in range(DEALS)]
    for behaviour, products in FLASH_SALES:
        times = user_behaviour(file, behaviour)
        name = f"{_name(behaviour, len(times), products)}, flash sale"
        found[name] = [dealt(times, products, rng, flash=True) for _ in range(DEALS)]
    return found


def judge(shops: dict[str, list[Shop]], clock: Clock) -> list[dict[str, object]]:
    """Hold the job's forecasts against what was, and against other rhythms at equal coverage."""
    kept: list[dict[str, object]] = []
    for kind, of_kind in shops.items():
        ours, constant, best = (
            _some([case for shop in of_kind for case in cases(shop, rhythm(shop, clock), clock)], MOST)
            for rhythm in (learnt, flat, known)
        )
        found = figures(ours)
        others = width_at(constant, found.holds), width_at(best, found.holds)
        by_stock = {
            stock: asdict(figures([case for case in ours if case.stock == stock]))
            for stock in sorted({case.stock for case in ours})
        }
        told = alerts(of_kind, clock, chance(SEED))
        print(
            f"{kind}: {found.forecasts} forecasts, 80 % interval holds {found.holds:.1%} +- {found.give_or_take:.1%} "
            f"(out before it {found.out_before:.1%}, after it {found.out_after:.1%}), {found.width:.1f} h wide; as often "
            f"hold a constant rate's of {others[0]:.1f} h and those of a known rhythm of {others[1]:.1f} h; "
            f"a constant rate's as they are hold {figures(constant).holds:.1%}\n  by hours of stock: "
            + ", ".join(f"{stock}: {each['holds']:.0%}" for stock, each in by_stock.items())
            + f"\n  told: {told}",
            flush=True,
        )
        kept.append(
            {
                "sales": kind,
                **asdict(found),
                "constant_rate": asdict(figures(constant)),
                "constant_rate_width_at_equal_coverage": others[0],
                "known_rhythm_width_at_equal_coverage": others[1],
                "by_hours_of_stock": by_stock,
                "depleting": told,
            }
        )
    return kept


def _name(behaviour: str, count: int, products: int) -> str:
    return f"{count} {behaviour}, {products} {'products' if products > 1 else 'product'}"


def _some(found: Sequence[Case], most: int) -> list[Case]:
    return some(found, most, lambda among, count: chance(SEED).sample(range(among), count))


if __name__ == "__main__":
    main()
