"""Run the scenarios on a stack of their own, print one table, and fail if anything in it differs.

PYTHONPATH=tests .venv/bin/python -m checks.prove --file userbehavior.csv --categories categories.csv --seed 7
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

from footfall_schemas.topics import RECORDED
from footfall_stack.testing import running_stack
from rich.console import Console

from checks.prove.bounded import bounded
from checks.prove.evidence import Run
from checks.prove.live import live, start
from checks.prove.recorded import write_recorded
from checks.prove.verdict import Verdict, show, summary
from checks.prove.waiting import Jobs
from support.amounts import CURRENCIES
from support.shop import HISTORY, Shop


def main() -> int:
    """Return the exit status."""
    asked = _arguments()
    started = time.monotonic()

    def say(text: str) -> None:
        print(f"{time.monotonic() - started:5.0f} s  {text}", flush=True)

    say(f"seed {asked.seed}; the same seed publishes the same events")
    verdicts: list[Verdict] = []
    with (
        tempfile.TemporaryDirectory(prefix="footfall-prove-") as temporary,
        running_stack(
            (asked.data or Path(temporary)) / "stack", ["kafka", "registry"], env=HISTORY, optimised=True
        ) as stack,
    ):
        os.environ.update(stack.env)
        for found in scenarios(Shop(stack), asked, Path(temporary), say):
            say(f"{found[0].scenario}: {summary(found)}")
            verdicts += found
    show(verdicts, Console())
    say(summary(verdicts))
    return 0 if all(verdict.holds for verdict in verdicts) else 1


def scenarios(
    shop: Shop, asked: argparse.Namespace, folder: Path, say: Callable[[str], None]
) -> Iterator[list[Verdict]]:
    """Run one after the other on one stack."""
    jobs = Jobs(shop, stock_apart=asked.stock_job)
    if asked.only != "replay":
        yield live(jobs, Random(asked.seed), asked.rate, say)
        yield bounded(shop, Run("batch", outputs=RECORDED, bounded=True, currencies=CURRENCIES), say)
    else:
        shop.stack.stop()
        start(jobs, 1, say)
    if asked.only != "shop":
        synthetic = write_recorded(folder, Random(asked.seed))
        file, categories = (asked.file, asked.categories) if asked.file else synthetic
        yield _replay(shop, file, categories, "time", say)
        yield _replay(shop, file, categories, "file", say)


def _replay(shop: Shop, file: Path, categories: Path | None, order: str, say: Callable[[str], None]) -> list[Verdict]:
    """Publish a recorded file to topics of its own, compute it and compare."""
    own = ("categories",) if categories else ()
    run = Run(f"replay by {order}", inputs=f"{order}-", outputs=RECORDED, bounded=True, own_dimensions=own)
    say(f"{run.name}: publishing {file.name}")
    dimension = ["--categories", str(categories)] if categories else []
    shop.run("backfill", run.inputs, "--stage", "create", *(["--own-categories"] if categories else []))
    shop.run("publish", str(file), "--order", order, "--topic-prefix", run.inputs, *dimension)
    return bounded(shop, run, say)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="prove", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seed", type=int, default=1, help="of the events, and of what is killed when")
    parser.add_argument("--rate", type=int, default=30, help="events per second of event time in the live run")
    parser.add_argument("--file", type=_existing, help="recorded events like the UserBehavior data set's")
    parser.add_argument("--categories", type=_existing, help="CSV of category_id and parent name that goes with it")
    parser.add_argument("--only", choices=("shop", "replay"), help="leave out the other half")
    parser.add_argument("--stock-job", action="store_true", help="compute the streams of stock in a job of their own")
    parser.add_argument("--data", type=Path, help="folder for the stack's data and logs, which then stay")
    return parser.parse_args()


def _existing(text: str) -> Path:
    path = Path(text)
    if not path.is_file():
        raise argparse.ArgumentTypeError(f"{path}: no such file")
    return path


if __name__ == "__main__":
    sys.exit(main())
