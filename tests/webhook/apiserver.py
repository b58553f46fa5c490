"""The API server as the webhook's process boundary sees it: TLS, resourceVersions, and every way to fail.

It keeps approvals, policies, Secrets and CustomResourceDefinitions, with optimistic concurrency as the real one has it.
`on(call, *faults)` queues what happens to the next calls of a kind; kinds have the names of the webhook's own metrics.
"""

import asyncio
import copy
import json
import ssl
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from e2e.cluster.pki import Pair

Object = dict[str, Any]
Proceed = Callable[[], Awaitable[web.StreamResponse]]
Fault = Callable[["ApiServer", web.Request, Proceed], Awaitable[web.StreamResponse]]

CLUSTER = "7d3f2c80-0000-4000-8000-00000000c1a5"
_APPROVALS = "/apis/kubeapprove.io/v1alpha1/namespaces/{namespace}/manifestapprovals"
_ALL_APPROVALS = "/apis/kubeapprove.io/v1alpha1/manifestapprovals"
_POLICIES = "/apis/kubeapprove.io/v1alpha1/approvalpolicies"
_SECRETS = "/api/v1/namespaces/{namespace}/secrets"
_GZIP_FROM = 128 * 1024


class ApiServer:
    """Runs inside the caller's event loop; `url` is set by `start`."""

    def __init__(self) -> None:
        self.url = ""
        self.approvals: dict[tuple[str, str], Object] = {}
        self.secrets: dict[tuple[str, str], Object] = {}
        self.crds: dict[str, Object] = {}
        self.policies: dict[str, Object] = {}
        self.labels: dict[str, Object] = {}
        self.namespaces: set[str] = {"shop", "kubeapprove-approvals", "kubeapprove-system"}
        self.deciders: set[str] = {"alice", "bob"}
        self.glass_breakers: set[str] = set()
        self.stale: dict[tuple[str, str], Object | None] = {}
        self.calls: list[str] = []
        self.bodies: list[tuple[str, Any]] = []
        self.tokens: list[str] = []
        self._faults: defaultdict[str, deque[Fault]] = defaultdict(deque)
        self._version = 100
        self._runner: web.AppRunner | None = None
        self.released = asyncio.Event()

    async def start(self, pair: Pair) -> None:
        """Listen on loopback with this certificate."""
        app = web.Application(client_max_size=16 * 1024 * 1024)
        for method, path, call, handler in (
            ("GET", _APPROVALS + "/{name}", "get approval", self._get_approval),
            ("GET", _ALL_APPROVALS, "list approvals", self._list_approvals),
            ("POST", _APPROVALS, "create approval", self._create_approval),
            ("DELETE", _APPROVALS + "/{name}", "delete approval", self._delete_approval),
            ("PATCH", _APPROVALS + "/{name}/status", "claim", self._patch_status),
            ("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", "access review", self._review),
            ("GET", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/{name}", "get crd", self._get_crd),
            ("GET", _POLICIES, "list policies", self._list_policies),
            ("GET", "/api/v1/namespaces/{name}", "get namespace", self._get_namespace),
            ("GET", _SECRETS + "/{name}", "get secret", self._get_secret),
            ("POST", _SECRETS, "create secret", self._create_secret),
        ):
            app.router.add_route(method, path, self._route(call, handler))
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pair.certificate, pair.key)
        site = web.TCPSite(self._runner, "127.0.0.1", 0, ssl_context=context)
        await site.start()
        self.url = f"https://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        """Stop listening; whoever is held is let go."""
        self.released.set()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def on(self, call: str, *faults: Fault) -> None:
        """Queue what happens to the next calls of this kind, one fault each."""
        self._faults[call].extend(faults)

    def forget(self) -> None:
        """Begin to note calls anew."""
        self.calls.clear()
        self.bodies.clear()
        self.tokens.clear()

    def count(self, call: str) -> int:
        """Return how many calls of this kind came."""
        return self.calls.count(call)

    def sent(self, call: str) -> list[Any]:
        """Return the bodies of the calls of this kind."""
        return [body for kind, body in self.bodies if kind == call]

    def put(self, approval: Object) -> Object:
        """Store an approval as somebody else's write; returns what is stored."""
        metadata = approval["metadata"]
        self._version += 1
        stored = copy.deepcopy(approval)
        stored["metadata"] |= {
            "resourceVersion": str(self._version),
            "uid": metadata.get("uid") or f"uid-{self._version}",
            "generation": 1,
            "creationTimestamp": metadata.get("creationTimestamp") or datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
        stored.setdefault("status", {"phase": "Pending"})
        self.approvals[metadata["namespace"], metadata["name"]] = stored
        return stored

    def put_policy(self, policy: Object) -> Object:
        """Store a policy under its name, as a write that was let through; returns what is stored."""
        name = policy["metadata"]["name"]
        self._version += 1
        old = self.policies.get(name, {"metadata": {"uid": f"uid-{self._version}", "generation": 0}})["metadata"]
        stored = copy.deepcopy(policy)
        stored["metadata"] |= {
            "resourceVersion": str(self._version),
            "uid": old["uid"],
            "generation": old["generation"] + 1,
        }
        self.policies[name] = stored
        return stored

    def only(self) -> Object:
        """Return the one approval that there is."""
        (approval,) = self.approvals.values()
        return approval

    def _route(self, call: str, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> Any:
        async def answer(request: web.Request) -> web.StreamResponse:
            body = await request.json() if request.can_read_body else None
            kind = _kind(call, request, body)
            self.calls.append(kind)
            self.tokens.append(request.headers.get("Authorization", ""))
            if body is not None:
                self.bodies.append((kind, body))

            async def proceed() -> web.StreamResponse:
                return await handler(request)

            faults = self._faults[kind]
            return await (faults.popleft()(self, request, proceed) if faults else proceed())

        return answer

    async def _get_approval(self, request: web.Request) -> web.StreamResponse:
        key = request.match_info["namespace"], request.match_info["name"]
        is_cached = request.query.get("resourceVersion") == "0"
        found = self.stale[key] if is_cached and key in self.stale else self.approvals.get(key)
        return _missing(key[1]) if found is None else _json(found, request)

    async def _list_approvals(self, request: web.Request) -> web.StreamResponse:
        """A table, a page at a time, to whoever asks for one: cells and metadata."""
        if "as=Table" not in request.headers["Accept"] or request.query["includeObject"] != "Metadata":
            return failure(406, "NotAcceptable")
        start, limit = int(request.query.get("continue", "0")), int(request.query["limit"])
        found = list(self.approvals.values())
        rows = [
            {"cells": [item["metadata"]["name"], item["status"]["phase"]], "object": {"metadata": item["metadata"]}}
            for item in found[start : start + limit]
        ]
        more = {"continue": str(start + limit)} if len(found) > start + limit else {}
        columns = [{"name": "Name"}, {"name": "Phase"}]
        return _json({"kind": "Table", "metadata": more, "columnDefinitions": columns, "rows": rows}, request)

    async def _create_approval(self, request: web.Request) -> web.StreamResponse:
        body, namespace = await request.json(), request.match_info["namespace"]
        if namespace not in self.namespaces:
            return _missing(namespace)
        if (namespace, body["metadata"]["name"]) in self.approvals:
            return failure(409, "AlreadyExists")
        return _json(self.put(body), request, 201)

    async def _delete_approval(self, request: web.Request) -> web.StreamResponse:
        key = request.match_info["namespace"], request.match_info["name"]
        wanted, found = (await request.json())["preconditions"], self.approvals.get(key)
        if found is None:
            return _missing(key[1])
        if any(found["metadata"][part] != value for part, value in wanted.items()):
            return failure(409, "Conflict")
        del self.approvals[key]
        return _json(found, request)

    async def _patch_status(self, request: web.Request) -> web.StreamResponse:
        key, patch = (request.match_info["namespace"], request.match_info["name"]), await request.json()
        found = self.approvals.get(key)
        if found is None:
            return _missing(key[1])
        if patch["metadata"]["resourceVersion"] != found["metadata"]["resourceVersion"]:
            return failure(409, "Conflict")
        return _json(self.put(found | {"status": found["status"] | patch["status"]}), request)

    async def _list_policies(self, request: web.Request) -> web.StreamResponse:
        """All of one moment, a page at a time, in the order of names: only to who asks for no old version."""
        if "resourceVersion" in request.query:
            return failure(400, "BadRequest")
        start, limit = int(request.query.get("continue", "0")), int(request.query["limit"])
        found = [self.policies[name] for name in sorted(self.policies)]
        more = {"continue": str(start + limit)} if len(found) > start + limit else {}
        page = {"kind": "ApprovalPolicyList", "metadata": {"resourceVersion": "1"} | more}
        return _json(page | {"items": found[start : start + limit]}, request)

    async def _review(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        holders = {"approve": self.deciders, "breakglass": self.glass_breakers}
        verb = body["spec"]["resourceAttributes"]["verb"]
        return _json(body | {"status": {"allowed": body["spec"]["user"] in holders[verb]}}, request, 201)

    async def _get_crd(self, request: web.Request) -> web.StreamResponse:
        found = self.crds.get(request.match_info["name"])
        return _missing(request.match_info["name"]) if found is None else _json(found, request)

    async def _get_namespace(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        if name not in self.namespaces | {"kube-system"}:
            return _missing(name)
        return _json({"kind": "Namespace", "metadata": {"name": name, "uid": CLUSTER} | self._labels(name)}, request)

    def _labels(self, namespace: str) -> Object:
        return {"labels": self.labels[namespace]} if namespace in self.labels else {}

    async def _get_secret(self, request: web.Request) -> web.StreamResponse:
        found = self.secrets.get((request.match_info["namespace"], request.match_info["name"]))
        return _missing(request.match_info["name"]) if found is None else _json(found, request)

    async def _create_secret(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        key = request.match_info["namespace"], body["metadata"]["name"]
        if key in self.secrets:
            return failure(409, "AlreadyExists")
        self.secrets[key] = body
        return _json(body, request, 201)


def _kind(call: str, request: web.Request, body: Any) -> str:
    """Return the kind of a call where its path alone does not tell."""
    name = request.match_info.get("name")
    if call == "get namespace" and name == "kube-system":
        return "get cluster"
    if call == "get approval" and name == "kubeapprove-readiness":
        return "ping"
    if call == "get approval" and request.query.get("resourceVersion") == "0":
        return "get cached approval"
    if call == "claim" and "requirements" in body["status"]:
        return "mirror requirements"
    return call


def _json(body: Object, request: web.Request, status: int = 200) -> web.Response:
    """Answer JSON; from 128 KiB on compressed for whoever takes it, as the real API server does."""
    response = web.json_response(body, status=status)
    if len(response.body or b"") > _GZIP_FROM and "gzip" in request.headers.get("Accept-Encoding", ""):  # type: ignore[arg-type]
        response.enable_compression(web.ContentCoding.gzip)
    return response


def failure(status: int, reason: str, **details: Any) -> web.Response:
    """Return a Status of the API server."""
    body = {"kind": "Status", "status": "Failure", "reason": reason, "code": status, "details": details}
    return web.json_response(body, status=status)


def _missing(name: str) -> web.Response:
    return failure(404, "NotFound", name=name)


def fails(status: int, reason: str = "InternalError", **details: Any) -> Fault:
    """Answer with an error and do nothing."""

    async def fault(_: ApiServer, __: web.Request, ___: Proceed) -> web.StreamResponse:
        return failure(status, reason, **details)

    return fault


def says(body: Any, status: int = 200) -> Fault:
    """Answer with this, JSON or raw bytes, and do nothing."""

    async def fault(_: ApiServer, __: web.Request, ___: Proceed) -> web.StreamResponse:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return web.Response(body=raw, status=status)

    return fault


def does_but_says(body: Any, status: int = 200) -> Fault:
    """Do what was asked, and answer something else."""

    async def fault(_: ApiServer, __: web.Request, proceed: Proceed) -> web.StreamResponse:
        await proceed()
        return web.json_response(body, status=status)

    return fault


def cuts_before(but_first: Callable[["ApiServer"], object] = lambda _: None) -> Fault:
    """Close the connection without doing anything that was asked."""

    async def fault(server: ApiServer, request: web.Request, _: Proceed) -> web.StreamResponse:
        but_first(server)
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    return fault


def cuts_after() -> Fault:
    """Do what was asked, and close the connection instead of answering."""

    async def fault(_: ApiServer, request: web.Request, proceed: Proceed) -> web.StreamResponse:
        await proceed()
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    return fault


def hangs(*, after: bool = False) -> Fault:
    """Never answer; do what was asked first, if so told."""

    async def fault(server: ApiServer, _: web.Request, proceed: Proceed) -> web.StreamResponse:
        if after:
            await proceed()
        await server.released.wait()
        return web.Response()

    return fault


def first(act: Callable[[ApiServer], object]) -> Fault:
    """Let something happen first, then do what was asked."""

    async def fault(server: ApiServer, _: web.Request, proceed: Proceed) -> web.StreamResponse:
        act(server)
        return await proceed()

    return fault


def afterwards(act: Callable[[ApiServer], object]) -> Fault:
    """Do what was asked, then let something happen before the answer leaves."""

    async def fault(server: ApiServer, _: web.Request, proceed: Proceed) -> web.StreamResponse:
        answer = await proceed()
        act(server)
        return answer

    return fault


def passes() -> Fault:
    """Let this one call through."""
    return first(lambda _: None)
