import { join } from "node:path";
import { type Bus, connectBus } from "@kubestack/bus";
import { readConfiguration } from "@kubestack/configuration";
import { allServiceNames } from "@kubestack/contracts";
import { startDaemon } from "@kubestack/daemon";
import { partsEnvironment } from "@kubestack/real-parts";
import { createLogger, environment } from "@kubestack/runtime";
import { addressFileIn, publishAddress } from "./address-file.ts";
import { killProcessesOf } from "./process-search.ts";
import { createSampleJobs } from "./sample-jobs.ts";
import type { TakingDown } from "./taking-down.ts";
import { Progress, progressPicture } from "./terminal/progress.ts";
import type { Screen } from "./terminal/screen.ts";
import { untilServing } from "./until-serving.ts";
import { partNames, startWorld, type World } from "./world.ts";

/** A world with KubeStack at work in it. */
export interface Sandbox {
  readonly world: World;
  /** An ordinary client's way to NATS. */
  readonly bus: Bus;
  /** Where the services write what they do. */
  readonly logFile: string;
  /** Where people are answered over HTTP. */
  readonly apiUrl: string;
  /** Resolves with a sentence when a part of it ends by itself. */
  readonly died: Promise<string>;
}

export interface SandboxStart {
  readonly screen: Screen;
  readonly signal: AbortSignal;
  /** Is told how to end each thing, as soon as that is there. */
  readonly down: TakingDown;
}

const tickMs = 1000;

/** Starts everything, side by side where that can be, and shows how far it is. */
export async function startSandbox({ screen, signal, down }: SandboxStart): Promise<Sandbox> {
  const progress = new Progress(screen.isLive ? () => undefined : (line) => screen.say(line));
  const ticking = setInterval(() => progress.tick(), tickMs);
  screen.show(({ columns }) => progressPicture(progress.steps(), { columns, colour: screen.colour }));
  try {
    for (const part of partNames) progress.begin(part, part === "node" ? "waits for kubernetes" : "starting");
    const world = await startWorld({
      signal,
      progress: (line, part) => progress.doing(part, line),
      ready: (part) => progress.ready(part),
    });
    down.add("the cluster and the master", world.stop);
    down.watchFolder(world.folder);
    progress.begin("services");
    const { daemon, logFile } = await startServices(world, down);
    const bus = await connectBus({ servers: [daemon.natsUrl], name: "sandbox" });
    down.add("", bus.close);
    const remove = await publishAddress(addressFileIn(partsEnvironment().cacheDir), daemon.natsUrl);
    down.add("", remove);
    await createSampleJobs(world.master.admin);
    await untilServing(bus, signal);
    const apiUrl = (await daemon.apiUrl) ?? "";
    progress.ready("services");
    signal.throwIfAborted();
    return { world, bus, logFile, apiUrl, died: Promise.race([world.died, daemon.broken]) };
  } finally {
    clearInterval(ticking);
    screen.show(undefined);
  }
}

async function startServices(world: World, down: TakingDown) {
  const logFile = join(world.folder, "services.log");
  const log = createLogger({ level: "debug", file: logFile });
  down.keepLog(logFile);
  // The file alone counts: settings of this shell are meant for another installation.
  const source = { file: world.configFile, environment: {} };
  const read = await readConfiguration(source);
  // Should the services not end in time, their nats-server must still end before its folder goes.
  down.add("", async () => killProcessesOf(world.parts.nats.store));
  const daemon = await startDaemon({ read, source, services: allServiceNames, log, environment });
  down.add("the services", daemon.stop);
  return { daemon, logFile };
}
