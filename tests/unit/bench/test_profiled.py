"""A running Java process is profiled, by the profiler itself."""

import subprocess
import time
from pathlib import Path

import pytest
from footfall_stack import java
from profiling import ProfilerError, fetch, profiled, shares

SPIN = """
public class Spin {
  static long turn(long n) { long sum = 0; for (long i = 0; i < n; i++) { sum += i % 7; } return sum; }
  public static void main(String[] args) {
    long ends = System.nanoTime() + 120_000_000_000L;
    System.out.println("spinning");
    while (System.nanoTime() < ends) { turn(1_000_000); }
  }
}
"""


@pytest.mark.programs
def test_what_a_process_does_is_in_its_stacks_and_in_a_flame_graph(tmp_path: Path) -> None:
    try:
        fetch()
    except ProfilerError as error:
        pytest.skip(str(error))
    source = tmp_path / "Spin.java"
    source.write_text(SPIN)
    # A folder with a space, as anybody's may be.
    folder = tmp_path / "a profile"

    with subprocess.Popen([java.executable(), str(source)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            assert process.stdout.readline() == b"spinning\n"
            with profiled(process.pid, folder):
                time.sleep(2)
        finally:
            process.kill()

    stacks = (folder / "stacks.txt").read_text()
    assert "Spin.turn" in stacks
    assert "main" in {share.task for share in shares(stacks.splitlines())}
    # Names are shortened there.
    assert "Spin" in (folder / "flame.html").read_text()
