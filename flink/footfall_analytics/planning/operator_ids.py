"""Which operators of two plans are the same one. Pure.

Flink finds an operator's state by an id made of its node's number, and COMPILE PLAN counts the nodes: one more view, and the
state of all those after it would belong to others. So nodes get the numbers that they had in the plan before; new ones get
one made of what they are.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator
from functools import cached_property

from footfall_schemas.topics import Json

STATELESS = (
    "calc",
    "correlate",
    "drop-update-before",
    "exchange",
    "expand",
    "local-group-aggregate",
    "local-window-aggregate",
    "lookup-join",
    "mini-batch-assigner",
    "union",
    "values",
    "watermark-assigner",
)
SCAN = "table-source-scan"
_ABOUT = {"id", "description", "configuration", "state"}
"""What a node says beside what it is: its number, settings that may change."""
_NUMBERS = 1 << 30
Key = Callable[[int], Hashable]


class Identities:
    """What tells a plan's nodes apart.

    Args:
        plan: What COMPILE PLAN wrote.
    """

    def __init__(self, plan: Json) -> None:
        self.nodes: dict[int, Json] = {node["id"]: node for node in plan["nodes"]}
        self._inputs: dict[int, list[int]] = defaultdict(list)
        self._outputs: dict[int, list[int]] = defaultdict(list)
        for edge in plan["edges"]:
            self._inputs[edge["target"]].append(edge["source"])
            self._outputs[edge["source"]].append(edge["target"])

    @cached_property
    def exact(self) -> dict[int, str]:
        """By number, a hash of the node and of all that leads to it."""
        found: dict[int, str] = {}

        def visit(number: int) -> str:
            if number not in found:
                anchor = anchor_of(self.nodes[number])
                parts = [anchor] if anchor else [self._own(number), *map(visit, self._inputs[number])]
                found[number] = hashlib.sha256("\n".join(parts).encode()).hexdigest()
            return found[number]

        for number in self.nodes:
            visit(number)
        return found

    @cached_property
    def sinks(self) -> dict[int, frozenset[str]]:
        """By number, the tables that depend on the node."""
        found: dict[int, frozenset[str]] = {}

        def visit(number: int) -> frozenset[str]:
            if number not in found:
                here = sink_of(self.nodes[number])
                below = (visit(target) for target in self._outputs[number])
                found[number] = frozenset([here] if here else []).union(*below)
            return found[number]

        for number in self.nodes:
            visit(number)
        return found

    def shape(self, number: int) -> str:
        """Return what the layout of the node's state follows from: the node and the types of its inputs."""
        inputs = [self.nodes[source].get("outputType") for source in self._inputs[number]]
        return self._own(number) + json.dumps(inputs, sort_keys=True)

    @property
    def stateful(self) -> Iterator[int]:
        """Nodes that may keep state."""
        return (number for number, node in self.nodes.items() if not _kind(node).startswith(STATELESS))

    def sources(self, number: int) -> Iterator[int]:
        """Return the scans whose rows reach the node with no other state in between."""
        for source in self._inputs[number]:
            if _kind(self.nodes[source]).startswith(STATELESS):
                yield from self.sources(source)
            elif _kind(self.nodes[source]).startswith(SCAN):
                yield source

    def _own(self, number: int) -> str:
        node = self.nodes[number]
        return json.dumps({name: value for name, value in node.items() if name not in _ABOUT}, sort_keys=True)


def with_stable_numbers(plan: Json, before: Json | None) -> Json:
    """Return the plan with its nodes numbered as those of the plan before that they go on from.

    Args:
        plan: What COMPILE PLAN wrote.
        before: The plan whose state the job is to take over; None if there is none.
    """
    new = Identities(plan)
    numbers = _inherited(new, Identities(before)) if before else {}
    taken = set(numbers.values())
    if before:
        taken |= {node["id"] for node in before["nodes"]}
    for number, digest in new.exact.items():
        if number not in numbers:
            numbers[number] = _free(int(digest, 16) % _NUMBERS, taken)
            taken.add(numbers[number])
    return plan | {
        "nodes": [node | {"id": numbers[node["id"]]} for node in plan["nodes"]],
        "edges": [
            edge | {"source": numbers[edge["source"]], "target": numbers[edge["target"]]} for edge in plan["edges"]
        ],
    }


def forgotten(plan: Json, before: Json) -> dict[str, set[str]]:
    """Return what state of the plan before no node of this one takes over: tables by what it was.

    Versions that are read anew are not among it.
    """
    new, old = Identities(plan), Identities(before)
    lost: dict[str, set[str]] = defaultdict(set)
    for number in old.stateful:
        if number not in new.nodes and not is_versioned(old.nodes[number]):
            lost[old.nodes[number]["description"]] |= old.sinks[number]
    return lost


def tables_of(plan: Json) -> set[str]:
    """Return the tables that the plan writes."""
    return {sink for node in plan["nodes"] if (sink := sink_of(node))}


def anchor_of(node: Json) -> str | None:
    """Return the name of a node that is the same whatever its settings: a table read or written, a function with a uid."""
    kind = _kind(node)
    if kind.startswith(SCAN):
        return "read " + str(node["scanTableSource"]["table"]["identifier"])
    if sink := sink_of(node):
        return "write " + sink
    return f"function {node['uid']}" if node.get("uid") else None


def is_versioned(node: Json) -> bool:
    """Tell whether a node reads the versions of a dimension."""
    if not _kind(node).startswith(SCAN):
        return False
    options = node["scanTableSource"]["table"]["resolvedTable"]["options"]
    return "upsert-" in str(options["connector"])


def sink_of(node: Json) -> str | None:
    """Return the table that a node writes; None if it writes none."""
    if not _kind(node).startswith("sink"):
        return None
    return str(node["dynamicTableSink"]["table"]["identifier"]).rpartition(".")[2].strip("`").removesuffix("_sink")


def _inherited(new: Identities, old: Identities) -> dict[int, int]:
    """Pair nodes that are the same, surest first.

    A pair must serve a table in common, lest a new view take over the state of one that is gone.
    """
    pairs: dict[int, int] = {}
    keys: list[tuple[Key, Key]] = [
        (new.exact.__getitem__, old.exact.__getitem__),
        (lambda n: (new.shape(n), new.sinks[n]), lambda n: (old.shape(n), old.sinks[n])),
        (new.shape, old.shape),
    ]
    for of_new, of_old in keys:
        mine = _alone(of_new, (number for number in new.nodes if number not in pairs))
        used = set(pairs.values())
        theirs = _alone(of_old, (number for number in old.nodes if number not in used))
        for key, number in mine.items():
            if key in theirs and new.sinks[number] & old.sinks[theirs[key]]:
                pairs[number] = theirs[key]
    for number in _to_read_anew(new, pairs):
        pairs.pop(number, None)
    return pairs


def _to_read_anew(new: Identities, pairs: Collection[int]) -> set[int]:
    """Return the dimensions of which a new join has yet to learn; those that know them hear nothing new."""
    joins = (number for number in new.stateful if number not in pairs)
    return {source for number in joins for source in new.sources(number) if is_versioned(new.nodes[source])}


def _alone(key: Key, numbers: Iterable[int]) -> dict[Hashable, int]:
    groups: dict[Hashable, list[int]] = defaultdict(list)
    for number in numbers:
        groups[key(number)].append(number)
    return {value: members[0] for value, members in groups.items() if len(members) == 1}


def _free(number: int, taken: set[int]) -> int:
    while number in taken:
        number = (number + 1) % _NUMBERS
    return number


def _kind(node: Json) -> str:
    return str(node["type"]).removeprefix("stream-exec-")
