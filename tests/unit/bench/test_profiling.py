"""Samples of a profiler are told by task and operator, in microseconds per event."""

import pytest
from profiling import INTERVAL_US, Share, place, shares, short, table

SOURCE = "Source: shop_events[1] -> Calc[2] (1/2)#0"
EMIT = "java/lang/Thread.run;org/apache/flink/streaming/api/operators/SourceOperator.emitNext"
LINES = [
    f"[{SOURCE} tid=41];{EMIT};StreamExecCalc$57.processElement;org/apache/flink/util/Preconditions.checkNotNull 30",
    f"[{SOURCE} tid=41];{EMIT};java/util/ArrayList.add 10",
    f"[{SOURCE.replace('(1/2)', '(2/2)')} tid=42];java/lang/Thread.run;StreamExecCalc$57.processElement 5",
    "[GC Thread#1 tid=7];GangWorker::loop 4",
    "[AsyncOperations-thread-1 tid=9];java/util/HashMap$EntryIterator.next 1",
    "",
]


def test_what_an_operator_calls_is_its_own_until_the_next_one_is_called() -> None:
    task = "Source: shop_events[1] -> Calc[2]"

    assert shares(LINES) == [
        Share(task, "StreamExecCalc", 35),
        Share(task, "SourceOperator", 10),
        Share("collect garbage", "", 4),
        Share("checkpoint, beside the task", "", 1),
    ]


@pytest.mark.parametrize(
    ("frames", "operator"),
    [
        (["io/footfall/flink/related/RelatedProcessor.eval"], "RelatedProcessor"),
        (["ProcessTableRunner$9.call", "io/footfall/flink/state/Packed.read"], "ProcessTableRunner"),
        (["GroupAggsHandler$104.accumulate"], "GroupAggsHandler"),
        (["java/lang/Thread.run"], ""),
    ],
)
def test_generated_code_functions_and_operators_are_known_by_name(frames: list[str], operator: str) -> None:
    assert place("task (1/1)#3", frames) == ("task", operator)


def test_the_table_tells_microseconds_per_event_and_adds_up() -> None:
    text = table(shares(LINES), events=50 * INTERVAL_US, least=0.05)

    assert text.splitlines() == [
        "us/event   share  what",
        "    0.700   70.0 %  StreamExecCalc in Source: shop_events -> Calc",
        "    0.200   20.0 %  SourceOperator in Source: shop_events -> Calc",
        "    0.080    8.0 %  collect garbage",
        "    0.020    2.0 %  1 more",
        "    1.000  100.0 %  all",
    ]


def test_of_a_long_name_its_begin_and_its_end_are_told() -> None:
    name = "ProcessTableFunction[12] -> " + "Calc[3] -> " * 40 + "related_products: Writer"

    assert short(name).startswith("ProcessTableFunction -> Calc -> ")
    assert short(name).endswith("related_products: Writer")
    assert len(short(name)) < 100


def test_a_run_without_samples_is_no_error() -> None:
    assert table([], events=1).endswith("0.000  100.0 %  all")
