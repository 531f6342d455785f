"""What happens to a request to /v1 and /v2, from its key to its answer."""

import asyncio
from dataclasses import dataclass
from typing import Any

import orjson

from tests.stripe_emulator import views
from tests.stripe_emulator.errors import Fault, Refusal, not_implemented
from tests.stripe_emulator.faults import Faults, Plan
from tests.stripe_emulator.forms import decode
from tests.stripe_emulator.idempotency import Keys, fingerprint
from tests.stripe_emulator.operations import OPERATIONS
from tests.stripe_emulator.schema.oracle import Operation
from tests.stripe_emulator.store import new_id
from tests.stripe_emulator.wire import Answer, Request, json_answer
from tests.stripe_emulator.world import Call, Cause, World

# v2 is asked for a page of a list by a parameter that the SDK's types do not name.
PAGE = "page"


@dataclass
class Attempt:
    """A request under way: what is logged of it. `fault` is the one that was applied to it."""

    request: Request
    id: str
    operation: Operation | None = None
    account: str = ""
    parameters: dict[str, Any] | None = None
    path: dict[str, str] | None = None
    plan: Plan | None = None
    fault: str | None = None

    @property
    def key(self) -> str | None:
        """Its idempotency key, which only requests that change something have."""
        return None if self.request.method == "GET" else self.request.headers.get("idempotency-key")


class Api:
    """Stripe's API."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.faults = Faults()
        self.keys = Keys(world)
        self.own_faults: list[str] = []

    async def answer(self, request: Request) -> Answer:
        """Answer a request, and log it."""
        attempt = Attempt(request, new_id("req", 14))
        try:
            answer = await self._answer(attempt)
        except Refusal as refusal:
            answer = _refused(refusal)
        except Fault as fault:
            answer = self._faulty(str(fault))
        answer.headers["Request-Id"] = attempt.id
        answer.headers["Stripe-Version"] = self._world.oracle.version
        self._log(attempt, answer)
        return answer

    async def _answer(self, attempt: Attempt) -> Answer:
        self._admit(attempt)
        assert attempt.operation is not None
        attempt.plan = plan = self.faults.next(attempt.operation.name)
        if plan and (early := _before(plan)):
            attempt.fault = plan.fault
            return early
        attempt.parameters = self._parameters(attempt)
        if attempt.key is None:
            return self._run(attempt)
        mark = fingerprint(attempt.operation.name, attempt.request.path, attempt.parameters)
        replayed = self.keys.begin(attempt.account, attempt.key, mark)
        if replayed:
            return _lost(attempt, replayed)
        try:
            if plan and plan.fault == "slow":
                attempt.fault = plan.fault
                await asyncio.sleep(plan.seconds)
            return self._run(attempt, mark)
        finally:
            self.keys.end(attempt.account, attempt.key)

    def _admit(self, attempt: Attempt) -> None:
        """Find the operation and the account. Raises: Refusal for a wrong key, version, address or account."""
        request, world = attempt.request, self._world
        if not request.headers.get("authorization", "").startswith("Bearer sk_test_"):
            message = "Invalid API Key provided. The emulator takes keys that begin with sk_test_."
            raise Refusal(message, status=401, executed=False)
        if (version := request.headers.get("stripe-version")) != world.oracle.version:
            message = f"Invalid Stripe API version: {version}. The installed SDK speaks {world.oracle.version}."
            raise Refusal(message, executed=False)
        found = world.oracle.operation(request.method, request.path)
        if found is None:
            message = f"Unrecognized request URL ({request.method}: {request.path})."
            raise Refusal(message, status=404, executed=False)
        attempt.operation, attempt.path = found
        if attempt.operation.name not in OPERATIONS:
            raise not_implemented(f"{attempt.operation.name} ({attempt.operation.method_of_sdk})")
        named = request.headers.get("stripe-account") or request.headers.get("stripe-context")
        attempt.account = named or world.platform
        if (
            named
            and named != world.platform
            and (world.store.get(named) or {}).get("object") != "v2.core.account"
        ):
            message = f"The provided key does not have access to account '{named}' (or that account does not exist)."
            raise Refusal(message, status=403, code="account_invalid", executed=False)

    def _parameters(self, attempt: Attempt) -> dict[str, Any]:
        """Return the checked parameters. Raises: Refusal for the first that is wrong."""
        request, operation = attempt.request, attempt.operation
        assert operation is not None
        parameters: dict[str, Any]
        if operation.v2 and request.method == "POST":
            parameters = orjson.loads(request.body or b"{}")
            operation.check_parameters(parameters)
            return parameters
        encoded = request.body.decode() if request.method == "POST" else request.query
        parameters = decode(self._world.oracle, operation.parameters, encoded)
        page = parameters.pop(PAGE, None) if operation.v2 else None
        operation.check_parameters(parameters)
        return parameters | ({PAGE: page} if page else {})

    def _run(self, attempt: Attempt, mark: str = "") -> Answer:
        """Execute the operation. Its effects and the answer stored under its key are one transaction."""
        fault = attempt.plan.fault if attempt.plan else ""
        assert attempt.operation is not None
        with self._world.store.transaction():
            result = _broken() if fault == "error_before" else self._result(attempt)
            sent = _broken() if fault == "error_after" and result.status < 400 else result
            if fault == "error_before" or sent is not result:
                attempt.fault = fault
            # v1 repeats what it sent, v2 what it achieved.
            stored, worth = (
                (result, result.status < 400) if attempt.operation.v2 else (sent, sent.final)
            )
            if attempt.key and worth:
                self.keys.store(attempt.account, attempt.key, mark, stored, attempt.id)
        return _lost(attempt, sent)

    def _result(self, attempt: Attempt) -> Answer:
        """Return the answer of the operation itself. A refusal undoes what was written, unless it says otherwise."""
        try:
            with self._world.store.transaction():
                return self._execute(attempt)
        except Refusal as refusal:
            return _refused(refusal)

    def _execute(self, attempt: Attempt) -> Answer:
        operation = attempt.operation
        assert operation is not None and attempt.parameters is not None and attempt.path is not None
        call = Call(self._world, attempt.account, attempt.parameters, attempt.path)
        self._world.cause = Cause(attempt.id, attempt.key)
        try:
            body = OPERATIONS[operation.name](call)
        except Refusal as refusal:
            if refusal.keep:
                return _refused(refusal)
            raise
        finally:
            self._world.cause = None
        if not operation.v2:
            body = views.rendered(call, body)
        operation.check_response(body)
        return json_answer(body)

    def _faulty(self, message: str) -> Answer:
        """Answer loudly, and remember it: the fixtures fail every test in which this happened."""
        self.own_faults.append(message)
        status = 501 if message.startswith("NOT IMPLEMENTED") else 500
        body = {
            "error": {
                "type": "api_error",
                "code": "emulator_fault",
                "message": f"EMULATOR FAULT: {message}",
            }
        }
        return json_answer(body, status, Stripe_Should_Retry="false")

    def _log(self, attempt: Attempt, answer: Answer) -> None:
        operation = attempt.operation.name if attempt.operation else ""
        self._world.store.database.execute(
            "INSERT INTO requests (at, id, operation, path, account, idempotency_key, status, replayed, fault)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                self._world.now,
                attempt.id,
                operation,
                attempt.request.path,
                attempt.account,
                attempt.key,
                answer.status,
                "Idempotent-Replayed" in answer.headers,
                attempt.fault,
            ),
        )


def _refused(refusal: Refusal) -> Answer:
    answer = json_answer(refusal.body, refusal.status)
    answer.final = refusal.executed and refusal.status not in (409, 429)
    return answer


def _broken() -> Answer:
    """Stripe's own error. It is stored under the key, so that to try again is of no use, as the header says."""
    body = {"error": {"type": "api_error", "message": "An error occurred on our side."}}
    return json_answer(body, 500, Stripe_Should_Retry="false")


def _before(plan: Plan) -> Answer | None:
    """Return the answer of a fault that happens before the operation; None for the other faults."""
    if plan.fault == "rate_limit":
        return _refused(Refusal("Too many requests.", status=429, code="rate_limit"))
    if plan.fault == "conflict":
        message = (
            "This object cannot be accessed right now because another request is accessing it."
        )
        return _refused(Refusal(message, status=409, code="lock_timeout"))
    if plan.fault in ("drop_before", "timeout_before"):
        return Answer(0, lost=plan.seconds if plan.fault == "timeout_before" else 0.0)
    return None


def _lost(attempt: Attempt, answer: Answer) -> Answer:
    """Return an answer that is lost on its way, if the plan says so."""
    plan = attempt.plan
    if plan and plan.fault in ("drop_after", "timeout_after"):
        attempt.fault = plan.fault
        answer.lost = plan.seconds if plan.fault == "timeout_after" else 0.0
    return answer
