"""A running emulator as tests hold it: the process, its control calls, the SDK's client for it, and its pages."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, Self

import httpx
import stripe

CHECKOUT = Path(__file__).resolve().parents[2]
KEY = "sk_test_emulator"
SECONDS_TO_END = 60  # of a loaded machine; it takes milliseconds


class Control:
    """The control calls of an emulator at an address. Each raises ValueError with what the emulator refused."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.http = httpx.Client(base_url=address, timeout=30, trust_env=False)

    def get(self, call: str) -> Any:
        """Return a call that changes nothing: requests, totals, webhooks, clock, faults."""
        return self._result(self.http.get(f"/_emulator/{call}"))

    def post(self, call: str, **given: Any) -> Any:
        """Return a call that does something."""
        return self._result(self.http.post(f"/_emulator/{call}", json=given))

    def _result(self, answer: httpx.Response) -> Any:
        if answer.is_error:
            raise ValueError(answer.json()["error"])
        return answer.json()

    def advance(self, seconds: int) -> int:
        """Move the clock forward. Returns the second that it is then."""
        return int(self.post("clock", advance=seconds)["now"])

    def reset(self) -> None:
        """Forget everything."""
        self.post("reset")

    def fault(self, operation: str, fault: str, **more: Any) -> None:
        """Plan a fault for an operation, as "POST /v1/transfers": see `faults.py` for the names and fields."""
        self.post("faults", operation=operation, fault=fault, **{"count": 1} | more)

    def take_own_faults(self) -> list[str]:
        """Return what the emulator itself did wrong, or cannot do, since this was last asked."""
        found: list[str] = self.post("own_faults")
        return found

    def fund(self, amount: int, currency: str = "usd") -> None:
        """Put available money into the platform's balance."""
        self.post("fund", amount=amount, currency=currency)

    def endpoint(self, url: str, kind: str = "") -> str:
        """Register a webhook endpoint for all events ("", "connect" or "thin"). Returns its secret."""
        described = f"{url},{kind}" if kind else url
        return str(self.post("webhooks/register", endpoint=described)["secret"])

    def requests(self, operation: str | None = None) -> list[dict[str, Any]]:
        """Return the log of requests, or those of an operation."""
        rows = self.get("requests")
        return [row for row in rows if operation in (None, row["operation"])]

    def client(self, **options: Any) -> stripe.StripeClient:
        """Return the SDK's client for this emulator, with a connection of its own."""
        stripe.enable_telemetry = False  # it would keep an id in the home folder
        http = stripe.RequestsClient(timeout=(3.05, 20))
        addresses = dict.fromkeys(("api", "files", "connect", "meter_events"), self.address)
        return stripe.StripeClient(KEY, base_addresses=addresses, http_client=http, **options)

    def recipient(
        self, client: stripe.StripeClient, bank: str = "good", country: str = "us"
    ) -> str:
        """Make a connected account that can receive transfers. Returns its id."""
        account = client.v2.core.accounts.create(RECIPIENT | {"identity": {"country": country}})
        self.post("accounts", account=account.id, identity="verified", bank=bank)
        return str(account.id)


RECIPIENT: dict[str, Any] = {
    "contact_email": "ada@example.org",
    "dashboard": "express",
    "defaults": {
        "responsibilities": {"fees_collector": "application", "losses_collector": "application"}
    },
    "configuration": {
        "recipient": {"capabilities": {"stripe_balance": {"stripe_transfers": {"requested": True}}}}
    },
}


class Process:
    """An emulator in a process of its own. `with Process() as running:` starts and ends it."""

    def __init__(self, state: str = ":memory:", port: int = 0, *webhooks: str) -> None:
        command = [
            sys.executable,
            "-m",
            "tests.stripe_emulator",
            f"--port={port}",
            f"--state={state}",
        ]
        command += [f"--webhook={webhook}" for webhook in webhooks]
        command.append("--end-with-stdin")  # so that it does not outlive a test run that is killed
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, cwd=CHECKOUT, stdin=pipe, stdout=pipe, text=True)
        assert self._process.stdout is not None
        started = self._process.stdout.readline()
        if not started:
            raise RuntimeError(f"the emulator did not start: {' '.join(command)}")
        self.address = started.split()[-1]
        self.control = Control(self.address)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.end()

    def end(self) -> None:
        """Ask it to end, and wait. Raises: TimeoutExpired if it does not; then it is killed."""
        self._process.terminate()
        try:
            self._process.wait(SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            self.kill()
            raise

    def lose(self) -> None:
        """Let go of it, as a parent that dies."""
        assert self._process.stdin is not None
        self._process.stdin.close()

    def wait(self) -> int:
        """Wait until it has ended. Returns its exit code."""
        return self._process.wait(SECONDS_TO_END)

    def kill(self) -> None:
        """End it at once, as a crash would."""
        os.kill(self._process.pid, signal.SIGKILL)
        self._process.wait(SECONDS_TO_END)
