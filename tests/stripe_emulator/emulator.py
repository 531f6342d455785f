"""The emulator as a whole: it gives each request to the API, the control calls or the hosted pages, and keeps time."""

import asyncio
import contextlib
import traceback

from tests.stripe_emulator import jobs, resources
from tests.stripe_emulator.api import Api
from tests.stripe_emulator.control_calls import ControlCalls
from tests.stripe_emulator.endpoints import register
from tests.stripe_emulator.errors import Refusal
from tests.stripe_emulator.pages import show
from tests.stripe_emulator.pages.layout import error, page
from tests.stripe_emulator.schema.oracle import Oracle
from tests.stripe_emulator.server import HOST, Server
from tests.stripe_emulator.store import Store
from tests.stripe_emulator.webhooks import Courier
from tests.stripe_emulator.wire import Answer, Request, json_answer, page_answer
from tests.stripe_emulator.world import World

SECONDS_BETWEEN_LOOKS = 0.25


class Emulator:
    """A server, the world that it serves, and the thread of time in it."""

    def __init__(self, state: str = ":memory:", webhooks: tuple[str, ...] = ()) -> None:
        resources.load()
        self.world = World(Store(state), Oracle(), "")
        self.api = Api(self.world)
        self.courier = Courier(self.world)
        self._webhooks = webhooks
        self._controls = ControlCalls(self)
        self._server = Server(self.answer)
        self._changed = asyncio.Event()

    async def serve(self, port: int = 0) -> int:
        """Listen. Returns the port."""
        port = await self._server.listen(port)
        self.world.address = f"http://{HOST}:{port}"
        with self.world.store.transaction():
            self.world.store.forget_old(self.world.now)
            self.register_webhooks()
        return port

    def register_webhooks(self) -> None:
        """Register the endpoints that the command line names, unless they are there."""
        for described in self._webhooks:
            register(self.world, described)

    def reset(self) -> None:
        """Forget everything but the endpoints of the command line."""
        with self.world.store.transaction():
            self.world.store.clear()
            self.world.clock.ahead = 0
            self.register_webhooks()
        self.api.faults.plans.clear()
        self.api.own_faults.clear()

    async def run(self) -> None:
        """Keep time: run jobs and deliver webhooks when they are due, until this is cancelled."""
        while True:
            self.catch_up()
            await self.courier.deliver_due()
            # Not `wait_for`: Python 3.11's forgets that it was canceled if the wait ends at the same moment.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(SECONDS_BETWEEN_LOOKS):
                    await self._changed.wait()
            self._changed.clear()

    def catch_up(self) -> None:
        """Run the jobs that are due."""
        self.api.own_faults += jobs.run_due(self.world)

    async def answer(self, request: Request) -> Answer:
        """Answer a request, after what was due before it."""
        try:
            self.catch_up()
            if request.path.startswith(("/v1/", "/v2/")):
                return await self.api.answer(request)
            if request.path.startswith("/_emulator/"):
                return await self._controls.answer(request)
            with self.world.store.transaction():
                return show(self.world, request)
        except Refusal as refusal:
            return page_answer(page("Refused", error(str(refusal))), refusal.status)
        except Exception as fault:
            # Whatever it is, tests must fail on it, and the emulator goes on.
            self.api.own_faults.append("".join(traceback.format_exception(fault)))
            return json_answer({"error": {"message": f"EMULATOR FAULT: {fault!r}"}}, 500)
        finally:
            self._changed.set()

    async def close(self) -> None:
        """Stop serving."""
        await self._server.close()
        await self.courier.close()
        self.world.store.database.close()
