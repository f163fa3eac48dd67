"""Prove what alerting promises, print one table, and fail if anything in it differs.

PYTHONPATH=tests .venv/bin/python -m checks.prove_alerting --alerts 5000 --kills 20 --burst 20000 --seed 7
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from random import Random

from footfall_stack.testing import running_stack
from rich.console import Console

from checks.prove.verdict import Verdict, show, summary
from checks.prove_alerting.scenarios import Place, burst, chaos, neighbours, rebalances


def main() -> int:
    """Return the exit status."""
    asked = _arguments()
    started = time.monotonic()

    def say(text: str) -> None:
        print(f"{time.monotonic() - started:5.0f} s  {text}", flush=True)

    say(f"seed {asked.seed}; the same seed kills at the same moments")
    verdicts: list[Verdict] = []
    with tempfile.TemporaryDirectory(prefix="footfall-prove-") as temporary:
        folder = asked.data or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        with running_stack(folder / "stack", ["kafka", "registry"], optimised=True) as stack:
            place = Place(stack.env, folder, say)
            plays: dict[str, Callable[[], list[Verdict]]] = {
                "neighbours": partial(neighbours, place, asked.alerts // 10),
                "rebalances": partial(rebalances, place, asked.alerts // 10, Random(asked.seed)),
                "chaos": partial(chaos, place, asked.alerts, asked.kills, Random(asked.seed)),
                "burst": partial(burst, place, asked.burst),
            }
            for name, play in plays.items():
                if asked.only in {None, name}:
                    found = play()
                    say(f"{name}: {summary(found)}")
                    verdicts += found
    show(verdicts, Console())
    say(summary(verdicts))
    return 0 if all(verdict.holds for verdict in verdicts) else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="prove_alerting", description="Prove what alerting promises.")
    parser.add_argument("--alerts", type=int, default=5000, help="alerts while workers are killed; a tenth elsewhere")
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--burst", type=int, default=20_000, help="alerts at once for a slow receiver")
    parser.add_argument("--seed", type=int, default=int(time.time()) % 10_000)
    parser.add_argument("--only", choices=["neighbours", "rebalances", "chaos", "burst"])
    parser.add_argument("--data", type=Path, help="folder that is kept, for the workers' log")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
