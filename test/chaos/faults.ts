import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { PodObservation } from "@kubestack/kubernetes";
import type { ApiTrouble } from "./api-proxy.ts";
import type { FaultDone } from "./history.ts";
import type { KindName } from "./kinds.ts";
import { machineNames } from "./machines.ts";
import { type ChaosMaster, probeJob } from "./masters.ts";
import { patiently } from "./patience.ts";
import { masterOf, slaveOf } from "./pod-watch.ts";
import { deletePod, evictPod, failPod } from "./pods.ts";
import { randomOf } from "./random.ts";
import type { PlannedFault } from "./schedule.ts";
import type { World } from "./world.ts";

/** What was found when a fault began. */
interface Met {
  readonly victims?: readonly string[];
  readonly detail?: string;
}

interface Doing {
  /** Begins it where nothing has to be found for it first. */
  begin?(world: World, fault: PlannedFault): unknown;
  /** Finds what it is done to, begins it, and tells. */
  meet?(world: World, fault: PlannedFault): Promise<Met> | Met;
  /** Ends it; tells what it met besides. */
  end?(world: World, fault: PlannedFault): unknown | Promise<Pick<Met, "victims"> | undefined>;
}

type MasterFault = Parameters<ChaosMaster["jenkins"]["faults"]["add"]>[0]["fault"];

/** Carries a fault out, from its beginning to its end. */
export async function carryOut(world: World, fault: PlannedFault): Promise<FaultDone> {
  const { kind, target, lastsMs } = fault;
  const doing = doings[kind];
  const beganAt = Date.now();
  await doing.begin?.(world, fault);
  const met = (await doing.meet?.(world, fault)) ?? {};
  if (lastsMs > 0) await new Promise((resolve) => setTimeout(resolve, lastsMs));
  const late = (await doing.end?.(world, fault)) as Pick<Met, "victims"> | undefined;
  const endedAt = Date.now();
  const { probe } = fault;
  masterNamed(world, probe).build(probeJob);
  return {
    kind,
    target,
    beganAt,
    endedAt,
    victims: [...new Set([...(met.victims ?? []), ...(late?.victims ?? [])])],
    probe,
    detail: met.detail ?? "",
  };
}

/** A clock that jumps does so this long after its process was started, in milliseconds. */
const jumpAfterMs = 3_000;

const pausing: Doing = {
  begin: ({ services }, { target }) => services.send(target, "SIGSTOP"),
  end: ({ services }, { target }) => services.send(target, "SIGCONT"),
};

const killing: Doing = {
  begin: ({ services }, { target }) => services.kill(target),
  end: ({ services }, { target }) => services.start(target),
};

const restarting: Doing = {
  begin: (world, { target, lastsMs }) => {
    masterNamed(world, target).jenkins.core.restart({ downMs: lastsMs });
  },
};

/** A killed server of NATS stays away for the time of the fault, and comes back with or without what it knew. */
function killingNats(losesStore: boolean): Doing {
  return {
    begin: async ({ nats }) => {
      nats.process().send("SIGKILL");
      await nats.process().ended;
      if (losesStore) await rm(join(nats.dir, "store"), { recursive: true, force: true });
    },
    end: ({ nats }) => nats.startServer(),
  };
}

/** An API server that was killed while it started may give its next start up by itself; who runs one starts it again. */
const startTries = { tries: 5, againMs: 0 };

function ofApi(trouble: (fault: PlannedFault) => ApiTrouble): Doing {
  const set = (world: World, to: ApiTrouble | undefined): void => {
    for (const way of world.apiWays.values()) way.trouble = to;
  };
  return { begin: (world, fault) => set(world, trouble(fault)), end: (world) => set(world, undefined) };
}

/** Half of the requests, or all of them. */
function ofMaster(fault: MasterFault, part: "half" | "all" = "all"): Doing {
  return {
    begin: (world, { target, pick }) => {
      const { jenkins } = masterNamed(world, target);
      const random = randomOf(pick * 2 ** 32);
      const on = { test: () => part === "all" || random.next() < 0.5 } as unknown as RegExp;
      jenkins.faults.add({ on, fault });
    },
    end: (world, { target }) => masterNamed(world, target).jenkins.faults.clear(),
  };
}

/** Does something to one of the pods that run. */
function ofPod(act: (plane: World["plane"], pod: PodObservation) => Promise<unknown>): Doing {
  return {
    meet: async (world, { pick }) => {
      const running = world.watch
        .all()
        .filter(({ phase, deletionTimestamp }) => phase === "Running" && deletionTimestamp === null)
        .sort((a, b) => (a.name < b.name ? -1 : 1));
      const pod = running[Math.floor(pick * running.length)];
      if (pod === undefined) return { detail: "nothing to meet" };
      const met = { victims: [slaveOf(pod)], detail: `${slaveOf(pod)} of ${masterOf(pod)}` };
      return act(world.plane, pod).then(
        () => met,
        // Gone meanwhile, or the API server was away: it may have been done all the same.
        (error: unknown) => ({ ...met, detail: `${met.detail}: ${error instanceof Error ? error.message : error}` }),
      );
    },
  };
}

function machineOf({ pick }: PlannedFault): string {
  return machineNames[Math.floor(pick * machineNames.length)] ?? machineNames[0];
}

function masterNamed({ masters }: World, name: string): ChaosMaster {
  const master = masters.get(name);
  if (master === undefined) throw new RangeError(`${name} is no master of this world.`);
  return master;
}

const doings: Readonly<Record<KindName, Doing>> = {
  "process.kill": killing,
  "supervisor.kill": killing,
  "process.pause": pausing,
  "supervisor.long-pause": pausing,
  "clock.skew": {
    meet: async ({ services }, { target, pick }) => {
      const byMs = Math.round((pick - 0.5) * 1_200_000);
      const afterMs = Math.round(pick * 100) % 2 === 0 ? 0 : jumpAfterMs;
      await services.kill(target);
      await services.start(target, { byMs, afterMs });
      return { detail: `${byMs} ms${afterMs === 0 ? "" : `, after ${afterMs} ms`}` };
    },
    end: async ({ services }, { target }) => {
      await services.kill(target);
      await services.start(target);
    },
  },
  "machine.lost": {
    meet: async ({ machines }, fault) => {
      const lost = await machines.lose(machineOf(fault));
      return { victims: lost.map(slaveOf), detail: `${machineOf(fault)} with ${lost.length} pods` };
    },
    end: async ({ machines }, fault) => ({ victims: (await machines.giveBack(machineOf(fault))).map(slaveOf) }),
  },
  "nats.kill": killingNats(false),
  "nats.wipe": killingNats(true),
  "nats.cut": { begin: ({ natsWays }, { target }) => natsWays.get(target)?.cut() },
  "nats.stall": {
    begin: ({ natsWays }, { target }) => natsWays.get(target)?.stall(),
    end: ({ natsWays }, { target }) => natsWays.get(target)?.flow(),
  },
  "nats.delay": {
    meet: ({ natsWays }, { target, pick }) => {
      const ms = 50 + Math.round(pick * 350);
      natsWays.get(target)?.delay(ms);
      return { detail: `${ms} ms` };
    },
    end: ({ natsWays }, { target }) => natsWays.get(target)?.flow(),
  },
  "api.kill": {
    begin: ({ plane }) => plane.stopApiServer(),
    end: async ({ plane }) => {
      await patiently(() => plane.startApiServer(), startTries);
      await plane.restartControllers();
    },
  },
  "api.refuse": ofApi(({ pick }) => ({
    kind: "refuse",
    statuses: [429, 500, 503],
    random: randomOf(pick * 2 ** 32),
  })),
  "api.hang": ofApi(() => ({ kind: "hang" })),
  "api.lost": ofApi(({ pick }) => ({ kind: "lost", random: randomOf(pick * 2 ** 32) })),
  "api.cut": {
    begin: ({ apiWays }) => {
      for (const way of apiWays.values()) way.cut();
    },
  },
  "master.refuse": ofMaster({ kind: "status", status: 503, body: "Please wait while Jenkins is getting ready" }),
  "master.hang": ofMaster({ kind: "hang" }),
  "master.half": ofMaster({ kind: "half" }),
  "master.lost": ofMaster({ kind: "lost-answer" }, "half"),
  "master.away": {
    begin: (world, { target }) => masterNamed(world, target).jenkins.goDown(),
    end: (world, { target }) => masterNamed(world, target).jenkins.comeUp(),
  },
  "master.restart": restarting,
  "master.restart-pipelines": restarting,
  "pod.fail": ofPod(failPod),
  "pod.vanish": ofPod(deletePod),
  "pod.evict": ofPod(evictPod),
};
