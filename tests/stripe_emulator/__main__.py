"""Start the emulator: python -m tests.stripe_emulator --port 12111 --state var/stripe.sqlite"""

import argparse
import asyncio
import signal
import sys

from tests.stripe_emulator.emulator import Emulator


def main() -> None:
    """Serve until a signal."""
    parser = argparse.ArgumentParser(prog="python -m tests.stripe_emulator", description=__doc__)
    parser.add_argument(
        "--port", type=int, default=12111, help="0 is any free one, which is printed"
    )
    parser.add_argument(
        "--state", default=":memory:", help="a file that keeps everything; none by default"
    )
    parser.add_argument(
        "--webhook",
        action="append",
        default=[],
        metavar="URL,SECRET[,SECRET][,connect|thin]",
        help="an endpoint: for the platform's events, those of connected accounts, or v2's; may be repeated",
    )
    parser.add_argument(
        "--end-with-stdin", action="store_true", help="end when standard input is closed"
    )
    asyncio.run(_serve(parser.parse_args()))


async def _serve(options: argparse.Namespace) -> None:
    emulator = Emulator(options.state, tuple(options.webhook))
    port = await emulator.serve(options.port)
    print(f"the emulator of Stripe listens on http://127.0.0.1:{port}", flush=True)
    ticking = asyncio.create_task(emulator.run())
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    if options.end_with_stdin:
        asyncio.get_running_loop().add_reader(sys.stdin, stop.set)
    await stop.wait()
    ticking.cancel()
    await asyncio.gather(ticking, return_exceptions=True)
    await emulator.close()


main()
