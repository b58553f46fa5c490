"""The run: every scenario at every number of clients in every round, in one world: what drifts, drifts for all."""

import datetime as dt
import json
import os
import platform
from collections.abc import Callable

from bench.gate import plan
from bench.gate.approvals import Approvals
from bench.gate.loading import Expected
from bench.gate.plan import Extent
from bench.gate.programs import Programs, build
from bench.gate.results import About, Results, Sizes
from bench.gate.rounds import Measuring, Recorder, measure_flatness
from bench.gate.usage import fsync_milliseconds, memory_mib, processor
from bench.gate.world import BACKGROUND_PER_SECOND, World, running
from bench.ruling.measuring import measured
from e2e.cluster.cache import ETCD_VERSION, KUBERNETES_VERSION

FLAT_CLIENTS = 8
_WEBHOOKS = ("kubeapprove", "gate", "allow")
_WARM_UP = Extent(seconds=0.5)


def run(extent: Extent, say: Callable[[str], None]) -> Results:
    """Build, start, measure, and end everything; `say` hears how far it is."""
    say("building the Go programs where they are not built yet")
    programs = build()
    say("starting the control plane and the webhooks")
    with running(programs) as world:
        about = _about(extent, programs, _sizes(world))
        for clients in plan.CLIENTS:
            say(f"warming up: {clients} at once")
            Measuring(world, Recorder(), _WARM_UP, 0, clients).all_scenarios()
        main, flat = Recorder(), Recorder()
        for number in range(extent.rounds):
            for clients in plan.CLIENTS:
                say(f"round {number + 1} of {extent.rounds}: {clients} at once")
                Measuring(world, main, extent, number, clients).all_scenarios()
        for number in range(extent.flat_rounds):
            say(f"without and with {extent.others} other approvals: {number + 1} of {extent.flat_rounds}")
            measure_flatness(world, flat, extent, number, FLAT_CLIENTS)
        memory = {name: round(memory_mib(world.pids[name]), 1) for name in _WEBHOOKS}
    say("what policies cost one change")
    return Results(about=about, cells=main.cells(), flat=flat.cells(), memory=memory, ruling=measured())


def _sizes(world: World) -> Sizes:
    """Create the object once as a person and ask for it once as the agent, to see how large things are."""
    world.loader.send([plan.create("stored")], Expected(201), as_=plan.PERSON)
    _, stored = world.control_plane.raw("GET", plan.stored_template("stored"))
    world.loader.send([plan.create("sample")], Expected(403, "ApprovalRequired"), as_=plan.AGENT)
    approvals = Approvals(world.loader)
    sizes = Sizes(
        sent=len(plan.create("sample").body.encode()),
        stored=len(json.dumps(stored, separators=(",", ":")).encode()),
        change=approvals.change_bytes(),
    )
    approvals.remove_all()
    return sizes


def _about(extent: Extent, programs: Programs, sizes: Sizes) -> About:
    return About(
        month=dt.datetime.now(dt.UTC).strftime("%B %Y"),
        processor=processor(),
        cores=os.cpu_count() or 1,
        kubernetes=KUBERNETES_VERSION,
        etcd=ETCD_VERSION,
        go=programs.go_version.removeprefix("go"),
        python=platform.python_version(),
        fsync_ms=round(fsync_milliseconds(), 2),
        bytes=sizes,
        seconds=extent.seconds,
        rounds=extent.rounds,
        flat_rounds=extent.flat_rounds,
        others=extent.others,
        background_per_second=BACKGROUND_PER_SECOND,
    )
