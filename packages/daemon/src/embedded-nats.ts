import { accessSync, constants } from "node:fs";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { delimiter, join } from "node:path";
import { type NatsConfig, type NatsServer, startNatsServer } from "@kubestack/bus";
import { KubestackError } from "@kubestack/contracts";
import { cacheFolder, type Environment, type Logger, natsAddressFile, usualNatsStore } from "@kubestack/runtime";

/** A server on this machine says who it is within this time, in milliseconds. */
const answerMs = 2000;

/** Starts the nats-server that a KubeStack without `nats.servers` brings along, on loopback only. */
export async function startEmbeddedNats(
  config: NatsConfig,
  { environment, log }: { environment: Environment; log: Logger },
): Promise<NatsServer> {
  const binary = config.binary ?? (await findServer(environment));
  const storeDir = config.store ?? usualNatsStore(environment);
  const file = join(storeDir, natsAddressFile);
  await refuseUsedStore(storeDir, file);
  const server = await startNatsServer({ binary, storeDir });
  await writeFile(file, `${server.url}\n`, { mode: 0o600 });
  log.info({ url: server.url, store: storeDir }, "embedded nats-server started");
  return {
    ...server,
    stop: async () => {
      await server.stop();
      await rm(file, { force: true });
    },
  };
}

/** Two servers on one store would spoil it. An address where nobody answers is that of a server that was killed. */
async function refuseUsedStore(storeDir: string, file: string): Promise<void> {
  const url = (await readFile(file, "utf8").catch(() => "")).trim();
  if (url === "" || !(await answers(url))) return;
  throw new KubestackError(
    "already-exists",
    `${storeDir} is in use by the nats-server at ${url} of another kubestackd: stop that one, name another folder in nats.store, or share the server by nats.servers.`,
    { retry: "never" },
  );
}

/** Whether a nats-server listens there: it speaks first. */
async function answers(url: string): Promise<boolean> {
  if (!URL.canParse(url)) return false;
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port) });
  const answer = Promise.withResolvers<boolean>();
  socket.setTimeout(answerMs, () => answer.resolve(false));
  socket.once("data", (data) => answer.resolve(data.toString().startsWith("INFO ")));
  socket.once("error", () => answer.resolve(false));
  socket.once("close", () => answer.resolve(false));
  try {
    return await answer.promise;
  } finally {
    socket.destroy();
  }
}

async function findServer(environment: Environment): Promise<string> {
  const cache = join(cacheFolder(environment), "nats-server");
  const versions = await readdir(cache).catch(() => []);
  const built = versions.toSorted(byVersion).map((version) => join(cache, version, "nats-server"));
  const found = [
    ...(environment.PATH ?? "")
      .split(delimiter)
      .filter(Boolean)
      .map((folder) => join(folder, "nats-server")),
    ...built,
  ];
  const binary = found.find(isExecutable);
  if (binary !== undefined) return binary;
  throw new KubestackError(
    "missing-part",
    "No nats-server was found on PATH or among the built parts: install nats-server 2.12 or newer, name it in nats.binary, or give the address of a running one in nats.servers.",
    { retry: "never" },
  );
}

/** Newest first. */
function byVersion(a: string, b: string): number {
  return b.localeCompare(a, "en", { numeric: true });
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
