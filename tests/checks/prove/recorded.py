"""A file like those of the UserBehavior data set, for when none is given."""

from collections.abc import Iterator
from pathlib import Path
from random import Random

FIRST = 1_511_539_200
"""25 November 2017, midnight in China."""
DAYS = 9
USERS = 300
VISITS = range(2, 8)
ITEMS = 800
CATEGORIES = 60
UNKNOWN_EVERY = 7
"""So many categories that the list of them leaves one out."""
OTHERS = ("cart", "fav", "buy", "pv")


def write_recorded(folder: Path, rng: Random) -> tuple[Path, Path]:
    """Write a file of behaviours, grouped by user as recorded files often are, and its categories; return both."""
    behaviours, categories = folder / "userbehavior.csv", folder / "categories.csv"
    behaviours.write_text("".join(_lines(rng)))
    known = (number for number in range(CATEGORIES) if number % UNKNOWN_EVERY)
    lines = (f"{number},Parent {number % 5}\n" for number in known)
    categories.write_text("category_id,parent_category_name\n" + "".join(lines))
    return behaviours, categories


def _lines(rng: Random) -> Iterator[str]:
    for user in range(USERS):
        for _ in range(rng.choice(VISITS)):
            moment = FIRST + rng.randrange(DAYS * 86_400)
            for _ in range(rng.randrange(1, 25)):
                item = int(ITEMS * rng.random() ** 3)
                yield _line(user, item, "pv", moment)
                if rng.random() < 0.15:
                    # Often in the same second, as recorded; now and then after the hour that attribution looks back.
                    moment += rng.choice((0, 40, 1200, 3600, 4000))
                    yield _line(user, item, rng.choice(OTHERS), moment)
                moment += rng.choice((0, 5, 30, 200, 1800))


def _line(user: int, item: int, behaviour: str, moment: int) -> str:
    return f"{user},{item},{item % CATEGORIES},{behaviour},{moment}\n"
