"""`python -m sandbox`: local stand-ins for Plex and CDF, and the whole job on top of them."""

from __future__ import annotations

import json
import signal
import sys
import threading
from argparse import ArgumentTypeError, Namespace
from datetime import timedelta

from sandbox import options
from sandbox.demo.main import demo
from sandbox.plex import Clock, Plant, csv_plant, generated_plants
from sandbox.up import FOLDER, PortTakenError, StandIns

COLUMNS = (
    "work_order",
    "part",
    "order_qty",
    "operation",
    "workcenter",
    "worker",
    "report_type",
    "qty_completed",
    "qty_for_mrb",
    "rework",
    "duration_minutes",
    "completed_at",
)
"""What a log's first line names."""


def parser() -> options.Parser:
    """The command line."""
    main = options.Parser(prog="python -m sandbox", description=__doc__)
    commands = main.add_subparsers(required=True, metavar="COMMAND", parser_class=options.Parser)

    up = commands.add_parser("up", help="start both, print where they are as one line of JSON, run until Ctrl-C")
    up.set_defaults(run=_up)
    up.add_argument("--plex-port", type=options.port, default=0, help="port of Plex (default: any free one)")
    up.add_argument("--cdf-port", type=options.port, default=0, help="port of CDF (default: any free one)")
    up.add_argument("--plant", type=_csv, metavar="FILE.csv", help="the plant of a shop-floor log, at the log's end")
    up.add_argument("--facilities", type=options.facilities, default=1, help="how many plants to generate (default: 1)")
    up.add_argument("--seed", type=options.seed, default=1, help="another number, other plants (default: 1)")
    up.add_argument("--state", type=options.state_file, metavar="FILE", help="keep CDF's content in this SQLite file")

    run = commands.add_parser("demo", help="stage, deploy, run every schedule in three passes, count and report")
    run.set_defaults(run=_demo)
    run.add_argument(
        "--plant", type=_csv, metavar="FILE.csv", help="the plant of a shop-floor log (default: two generated ones)"
    )
    run.add_argument("--json", type=options.writable_file, metavar="FILE", help="write the figures to this file")
    run.add_argument(
        "--report",
        type=options.writable_file,
        metavar="FILE",
        default=FOLDER / "report.html",
        help="write the picture to this file (default: .sandbox/report.html)",
    )
    run.add_argument("--keep", action="store_true", help="leave the stand-ins running at the end, until Ctrl-C")
    return main


def main() -> int:
    """Run a command and return its exit code."""
    FOLDER.mkdir(exist_ok=True)
    arguments = parser().parse_args()
    try:
        code: int = arguments.run(arguments)
    except KeyboardInterrupt:
        return 130
    except PortTakenError as error:
        sys.stderr.write(f"python -m sandbox up: {error}\n")
        return 2
    return code


def _up(arguments: Namespace) -> int:
    stop = _stop_signal()
    plants = [arguments.plant] if arguments.plant else generated_plants(arguments.facilities, arguments.seed)
    clock = Clock(max(plant.ends for plant in plants) + timedelta(minutes=1))
    ports = {"plex_port": arguments.plex_port, "cdf_port": arguments.cdf_port}
    with StandIns(plants, clock=clock, state=arguments.state, **ports) as stand_ins:
        sys.stdout.write(json.dumps(stand_ins.describe()) + "\n")
        sys.stdout.flush()
        sys.stderr.write(f"What CDF holds, to look at: {stand_ins.console_url}\n")
        stop.wait()
    return 0


def _demo(arguments: Namespace) -> int:
    # Ends as Ctrl-C does, so that the stand-ins stop and take the functions' processes with them.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    return demo(plant=arguments.plant, json_file=arguments.json, report=arguments.report, keep=arguments.keep)


def _stop_signal() -> threading.Event:
    """An event that SIGTERM and SIGINT set, so that what is open closes as it does at any other end."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop


def _csv(text: str) -> Plant:
    file = options.readable_file(text)
    try:
        return csv_plant(file)
    except ValueError as error:
        raise ArgumentTypeError(
            f"{text} is no shop-floor log ({error}): its columns are {', '.join(COLUMNS)}"
        ) from None


if __name__ == "__main__":
    sys.exit(main())
