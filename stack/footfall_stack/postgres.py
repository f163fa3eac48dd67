"""PostgreSQL, for whoever wants the results as tables: an optional process, on the loopback address only."""

import os
import pwd
import shutil
import signal
import subprocess
import tarfile
import zipfile
from pathlib import Path

from footfall_stack import orphans
from footfall_stack.model import Process, StackError
from footfall_stack.paths import Layout
from footfall_stack.probes import postgres_answers
from footfall_stack.settings import StackSettings

NAME = "postgres"
ARCHIVE = "embedded-postgres-binaries-*.jar"
UNPRIVILEGED = "nobody"
"""Whom it runs as when the stack runs as root, whom PostgreSQL refuses."""
SETUP_TIMEOUT = 120


def postgres(settings: StackSettings, layout: Layout) -> Process:
    """Return the database server."""
    home = layout.home(NAME)
    return Process(
        name=NAME,
        argv=(
            *(str(home / "programs" / "bin" / "postgres"), "-D", str(home / "db")),
            *("-p", str(settings.postgres_port)),
            *_options(
                listen_addresses=settings.postgres_host,
                unix_socket_directories="",
                shared_buffers="64MB",
                timezone="UTC",
                log_timezone="UTC",
            ),
        ),
        ready=postgres_answers(settings.postgres_host, settings.postgres_port),
        prepare=lambda: _prepare(settings, home),
        ports={"POSTGRES_PORT": settings.postgres_port},
        memory_mib=100,
        url=f"postgresql://{settings.postgres_user}@{settings.postgres_host}:{settings.postgres_port}/{settings.postgres_db}",
        optional=True,
        user=_user(),
        # Its "fast" end; on SIGTERM it would wait for its clients to go.
        stop_signal=signal.SIGINT,
    )


def _user() -> pwd.struct_passwd | None:
    return pwd.getpwnam(UNPRIVILEGED) if os.geteuid() == 0 else None


def _options(**options: str) -> list[str]:
    return [word for name, value in options.items() for word in ("-c", f"{name}={value}")]


def _prepare(settings: StackSettings, home: Path) -> None:
    home.mkdir(parents=True, exist_ok=True)
    _give(home)
    _require_access(home)
    _unpack(settings.footfall_jars_dir / NAME, home)
    if not (home / "db").exists():
        _initialize(settings, home)


def _give(path: Path) -> None:
    if user := _user():
        os.chown(path, user.pw_uid, user.pw_gid)


def _require_access(home: Path) -> None:
    if _user() is None:
        return
    closed = [str(folder) for folder in home.parents if not folder.stat().st_mode & 0o001]
    if closed:
        raise StackError(
            f"postgres: runs as {UNPRIVILEGED}, since PostgreSQL refuses root, and may not enter {closed[-1]}: "
            "run Footfall as another user, or set FOOTFALL_DATA_DIR to a directory that everybody may enter"
        )


def _unpack(jars: Path, home: Path) -> None:
    """Unpack the programs, unless those of this version are there."""
    archive = next(iter(sorted(jars.glob(ARCHIVE))), None)
    if archive is None:
        raise StackError(f"postgres: {jars / ARCHIVE} is missing: run `make setup`")
    programs, stamp = home / "programs", home / "programs" / archive.stem
    if stamp.exists():
        return
    new = home / "programs.new"
    shutil.rmtree(new, ignore_errors=True)
    with zipfile.ZipFile(archive) as jar:
        packed = next(name for name in jar.namelist() if name.endswith(".txz"))
        with jar.open(packed) as stream, tarfile.open(fileobj=stream, mode="r:xz") as tar:
            tar.extractall(new, filter="tar")
    new.chmod(0o755)
    (new / stamp.name).touch()
    shutil.rmtree(programs, ignore_errors=True)
    new.rename(programs)


def _initialize(settings: StackSettings, home: Path) -> None:
    """Make the cluster beside its place and move it there, so that an interrupted start leaves none half made."""
    new, secret = home / "db.new", home / "password"
    shutil.rmtree(new, ignore_errors=True)
    secret.unlink(missing_ok=True)
    secret.touch(mode=0o600)
    _give(secret)
    try:
        secret.write_text(settings.postgres_password.get_secret_value())
        _run(
            *(home, "initdb", "-D", str(new), "-U", settings.postgres_user, "-A", "scram-sha-256"),
            *("--pwfile", str(secret), "-E", "UTF8", "--locale=C"),
        )
    finally:
        secret.unlink()
    name = settings.postgres_db.replace('"', '""')
    if name != "postgres":
        _run(home, "postgres", "--single", "-D", str(new), "postgres", text=f'CREATE DATABASE "{name}"\n')
    new.rename(home / "db")


def _run(home: Path, program: str, *arguments: str, text: str | None = None) -> None:
    user = _user()
    answer = subprocess.run(
        [home / "programs" / "bin" / program, *arguments],
        input=text,
        capture_output=True,
        text=True,
        timeout=SETUP_TIMEOUT,
        check=False,
        cwd=home,
        env=orphans.mark(home.parent, NAME) | {"LC_ALL": "C", "PATH": os.environ.get("PATH", "")},
        user=user and user.pw_uid,
        group=user and user.pw_gid,
        extra_groups=user and [],
    )
    errors = [line for line in answer.stderr.splitlines() if "ERROR" in line or "FATAL" in line or "error:" in line]
    if answer.returncode != 0 or errors:
        reason = (errors or answer.stderr.strip().splitlines() or ["no message"])[-1]
        raise StackError(f"postgres: {program} failed: {reason}")
