"""One line for what a person can put right, a traceback for what only we can."""

import pytest
from confluent_kafka import KafkaError, KafkaException
from footfall_chassis.one_line import one_line_errors
from footfall_schemas.errors import PermanentError, TransientError


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (PermanentError("view x has no column y"), "view x has no column y"),
        (TransientError("Flink does not answer"), "Flink does not answer"),
        (KafkaException(KafkaError(KafkaError._TIMED_OUT)), "_TIMED_OUT"),
    ],
)
def test_what_a_person_can_put_right_is_one_line(
    error: Exception, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended, one_line_errors():
        raise error

    said = capsys.readouterr().err
    assert ended.value.code == 1
    assert said.startswith("footfall: ")
    assert line in said
    assert said.count("\n") == 1


def test_a_fault_of_the_code_keeps_its_traceback() -> None:
    with pytest.raises(ZeroDivisionError), one_line_errors():
        raise ZeroDivisionError


def test_ctrl_c_is_no_error(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended, one_line_errors():
        raise KeyboardInterrupt

    assert (ended.value.code, capsys.readouterr().err) == (0, "")


@pytest.mark.parametrize(("error", "status"), [(OSError("no room"), 1), (PermanentError("line 3"), 2)])
def test_a_command_says_what_else_is_such_an_error_and_what_is_a_wrong_call(
    error: Exception, status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended, one_line_errors(OSError, called_wrongly=(PermanentError,)):
        raise error

    assert (ended.value.code, capsys.readouterr().err) == (status, f"footfall: {error}\n")


def test_who_has_his_own_status_for_ctrl_c_gets_it() -> None:
    with pytest.raises(KeyboardInterrupt), one_line_errors(ctrl_c=None):
        raise KeyboardInterrupt
