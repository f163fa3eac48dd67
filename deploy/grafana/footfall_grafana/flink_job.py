"""*Flink job*: how Flink runs the job, by what its own reporter tells."""

from grafana_foundation_sdk.builders.dashboard import QueryVariable
from grafana_foundation_sdk.models.dashboard import Dashboard, VariableRefresh

from footfall_grafana.boards import board
from footfall_grafana.panels import About, Panel, lines, number, stacks
from footfall_grafana.sources import PROMETHEUS, now, over_time

UID = "footfall-flink"
RATE = "$__rate_interval"
JOB = 'job_name=~"$job_name"'
TASK = "flink_taskmanager_job_task"


def flink_job() -> Dashboard:
    """Return the dashboard."""
    return board(
        UID,
        "Flink job",
        "How Flink runs the job: restarts, checkpoints, who is busy, what goes through, memory.",
        {
            "Now": _now(),
            "Checkpoints": _checkpoints(),
            "Who is busy": _busy(),
            "What goes through": _records(),
            "Processes": _processes(),
        },
        [_job_name()],
    )


def _now() -> list[Panel]:
    job = "flink_jobmanager_job"
    return [
        number(
            About("Runs since", "How long ago the job last began to run.", "ms"),
            now(f"min({job}_uptime{{{JOB}}})"),
        ),
        number(
            About("Restarts", "How often the job failed and was started again since it was submitted.", "locale"),
            now(f"max({job}_numRestarts{{{JOB}}})"),
            wrong_above=1,
        ),
        number(
            About("Newest checkpoint took", "From its beginning to its end.", "ms"),
            now(f"max({job}_lastCheckpointDuration{{{JOB}}})"),
        ),
        number(
            About("Size of the state", "What the newest checkpoint holds, with what it shares with others.", "bytes"),
            now(f"max({job}_lastCheckpointFullSize{{{JOB}}})"),
        ),
        number(
            About("Rows dropped as late", "By windows, after they were found on time: it must be 0.", "locale"),
            now(f"sum({TASK}_operator_numLateRecordsDropped{{{JOB}}})"),
            wrong_above=1,
        ),
        number(
            About("Slots free", "Of all TaskManagers; a replay needs some.", "locale"),
            now("sum(flink_jobmanager_taskSlotsAvailable)"),
        ),
    ]


def _checkpoints() -> list[Panel]:
    job = "flink_jobmanager_job"
    return [
        lines(
            About("How long they take", "The newest checkpoint of each job.", "ms"),
            over_time(f"max by (job_name) ({job}_lastCheckpointDuration{{{JOB}}})", "{{job_name}}"),
            span=8,
        ),
        lines(
            About("How large they are", "What is written, and what the state is in all.", "bytes"),
            over_time(f"max by (job_name) ({job}_lastCheckpointSize{{{JOB}}})", "written {{job_name}}"),
            over_time(f"max by (job_name) ({job}_lastCheckpointFullSize{{{JOB}}})", "whole {{job_name}}", "B"),
            span=8,
        ),
        stacks(
            About("Completed and failed", "Checkpoints within a minute.", "locale"),
            over_time(f"sum(increase({job}_numberOfCompletedCheckpoints{{{JOB}}}[1m]))", "completed"),
            over_time(f"sum(increase({job}_numberOfFailedCheckpoints{{{JOB}}}[1m]))", "failed", "B"),
            span=8,
        ),
    ]


def _busy() -> list[Panel]:
    def share(what: str) -> str:
        return f"max by (task_name) ({TASK}_{what}TimeMsPerSecond{{{JOB}}}) / 1000"

    average = [
        over_time(f"avg({TASK}_{what}TimeMsPerSecond{{{JOB}}}) / 1000", words, ref)
        for what, words, ref in (
            ("busy", "works", "A"),
            ("backPressured", "waits for the next", "B"),
            ("idle", "has nothing to do", "C"),
        )
    ]
    return [
        lines(
            About(
                "A subtask's time", "Share of its time that a subtask works, waits or has nothing to do.", "percentunit"
            ),
            *average,
            span=8,
            share=True,
        ),
        lines(
            About(
                "Busiest tasks",
                "Share of time its busiest subtask works; near 1, everything waits for it.",
                "percentunit",
            ),
            over_time(_named(f"topk(6, {share('busy')})"), "{{task}}"),
            span=8,
            share=True,
        ),
        lines(
            About("Tasks held up", "Share of time a subtask waits because the next one takes nothing.", "percentunit"),
            over_time(_named(f"topk(6, {share('backPressured')})"), "{{task}}"),
            span=8,
            share=True,
        ),
    ]


def _records() -> list[Panel]:
    consumer = f"{TASK}_operator_KafkaSourceReader_KafkaConsumer"
    return [
        lines(
            About("Records in", "Messages read for each second, by table.", "cps"),
            over_time(
                _named(
                    f"sum by (operator_name) (rate({consumer}_records_consumed_total{{{JOB}}}[{RATE}]))",
                    "operator_name",
                ),
                "{{task}}",
            ),
        ),
        lines(
            About("Records out", "Messages written for each second, the ten busiest sinks.", "cps"),
            over_time(
                _named(
                    f"topk(10, sum by (operator_name) (rate({TASK}_operator_numRecordsSend{{{JOB}}}[{RATE}])))",
                    "operator_name",
                ),
                "{{task}}",
            ),
        ),
        lines(
            About("Watermark behind the clock", "By source.", "ms"),
            over_time(
                _named(f"max by (operator_name) ({TASK}_operator_watermarkLag{{{JOB}}})", "operator_name"), "{{task}}"
            ),
        ),
        lines(
            About("Waiting in the fullest partition", "Messages, by source.", "locale"),
            over_time(
                _named(f"max by (operator_name) ({consumer}_records_lag_max{{{JOB}}})", "operator_name"), "{{task}}"
            ),
        ),
    ]


def _processes() -> list[Panel]:
    def both(metric: str, words: str = "", divided: str = "") -> list[tuple[str, str]]:
        return [
            (f"max by (instance) (flink_{process}_Status_{metric}){divided}", f"{process} {words}".strip())
            for process in ("jobmanager", "taskmanager")
        ]

    def panel(about: About, *asked: tuple[str, str], share: bool = False) -> Panel:
        queries = [over_time(expression, legend, "ABCDEF"[place]) for place, (expression, legend) in enumerate(asked)]
        return lines(about, *queries, span=8, share=share)

    return [
        panel(
            About("Heap", "Used, and the most there can be.", "bytes"),
            *both("JVM_Memory_Heap_Used", "used"),
            *both("JVM_Memory_Heap_Max", "limit"),
        ),
        panel(
            About(
                "Collecting garbage",
                "Share of time that goes into the JVM's collector.",
                "percentunit",
            ),
            *both("JVM_GarbageCollector_All_TimeMsPerSecond", divided=" / 1000"),
        ),
        panel(
            About("CPU", "Share of the machine that the process takes.", "percentunit"),
            *both("JVM_CPU_Load"),
            share=True,
        ),
    ]


def _named(expression: str, label: str = "task_name") -> str:
    """Return the expression with label `task`: the first words of a name that goes on for lines."""
    return f'label_replace({expression}, "task", "$1", "{label}", "(.{{1,48}}).*")'


def _job_name() -> QueryVariable:
    variable = (
        QueryVariable("job_name").label("Job").datasource(PROMETHEUS).refresh(VariableRefresh.ON_TIME_RANGE_CHANGED)
    )
    asked: dict[str, object] = {"query": "label_values(flink_jobmanager_job_uptime, job_name)", "refId": "jobs"}
    return variable.query(asked).multi(True).include_all(True).all_value(".+")
