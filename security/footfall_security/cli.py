"""`footfall secure`: make certificates and passwords, tell the broker who may do what, connect as somebody."""

import shlex
from typing import Annotated

import typer
from footfall_chassis.one_line import one_line_errors
from footfall_schemas.access import ADMIN, SUPER_USERS, Principal, principals

from footfall_security.credentials_dir import SecureSettings

secure = typer.Typer(no_args_is_help=True, help="Manage certificates, users and rights of secure connections.")


def _checked(prefix: str) -> str:
    from footfall_chassis.settings import check_topic_prefix  # noqa: PLC0415

    try:
        return check_topic_prefix(prefix)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


Prefix = Annotated[str, typer.Option(help="Prefix of every topic.", callback=_checked)]
JobName = Annotated[str, typer.Option(help="Name of the job, if ANALYTICS_JOB_NAME is set.")]


@secure.command("make")
def make_command(
    host: Annotated[
        list[str] | None, typer.Option(help="Host name or address that clients connect to; repeatable.")
    ] = None,
) -> None:
    """Create the CA, certificates and passwords that are missing, in FOOTFALL_SECURE_DIR."""
    from footfall_security.make import make  # noqa: PLC0415

    folder = SecureSettings.load_or_exit().folder
    with one_line_errors(OSError, TypeError, ValueError, ctrl_c=None):
        made = make(folder, host or [])
    print(f"{folder.path}: {', '.join(made) if made else 'nothing was missing'}")


@secure.command("apply")
def apply_command(topic_prefix: Prefix = "", job_name: JobName = "footfall") -> None:
    """Create Kafka's users and their rights, and set the registry's compatibility rule."""
    from footfall_chassis.settings import ConnectionSettings  # noqa: PLC0415

    from footfall_security.apply import ensure_rights, ensure_users  # noqa: PLC0415

    folder, connection = SecureSettings.load_or_exit().folder, ConnectionSettings.load_or_exit()
    everybody = principals(topic_prefix, job_name)
    with one_line_errors(OSError, ctrl_c=None):
        passwords = {each.name: folder.password(each.name).read_text() for each in everybody}
        ensure_users(connection.librdkafka(), passwords)
        given, taken = ensure_rights(connection.librdkafka(), everybody)
        connection.registry().set_compatibility()
    print(f"{len(everybody)} users; rights: {given} granted, {taken} revoked")


@secure.command("env")
def env_command(
    principal: Annotated[str, typer.Argument(help="User to connect as.")] = ADMIN,
) -> None:
    """Print the variables with which a client connects as a user: `eval "$(footfall secure env)"`. No secret is shown."""
    known = {each.name: each for each in principals()}
    if principal not in known:
        raise typer.BadParameter(f"{principal!r} is not a user; choose from {', '.join(known)}", param_hint="PRINCIPAL")
    folder = SecureSettings.load_or_exit().folder
    for name, value in folder.variables(principal, registry=bool(known[principal].registry_role)).items():
        print(f"export {name}={shlex.quote(value)}")


@secure.command("list")
def list_command(topic_prefix: Prefix = "", job_name: JobName = "footfall") -> None:
    """List what each user may do."""
    for principal in principals(topic_prefix, job_name):
        print(f"{principal.name}: {principal.purpose}")
        for line in rights_of(principal):
            print(f"  {line}")


def rights_of(principal: Principal) -> list[str]:
    """Return what a principal may do, a line each."""
    kafka = ["everything in Kafka"] if principal.name in SUPER_USERS else list(map(str, principal.grants))
    return [*kafka, *([f"registry: {principal.registry_role}"] if principal.registry_role else [])]
