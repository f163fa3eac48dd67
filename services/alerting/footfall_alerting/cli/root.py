"""The group of commands."""

import typer

from footfall_alerting.cli import operate_cli, receive_cli

webhook = typer.Typer(help="Receive webhooks, and look after those that are sent.", no_args_is_help=True)
webhook.command()(receive_cli.listen)
webhook.command()(operate_cli.trigger)
webhook.command()(receive_cli.verify)
webhook.command()(operate_cli.attempts)
webhook.command()(operate_cli.resend)
webhook.command()(operate_cli.recover)
webhook.command()(operate_cli.dead_letters)
webhook.command()(operate_cli.endpoints)
webhook.command()(operate_cli.enable)
