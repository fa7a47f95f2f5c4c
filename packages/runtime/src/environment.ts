import { homedir } from "node:os";
import { join } from "node:path";

/** The environment of this process. Nothing else in KubeStack reads it. */
export type Environment = Readonly<Record<string, string | undefined>>;

export const environment: Environment = process.env;

/** Where programs of this user keep what must outlive them: the embedded nats-server's streams, pid file and log. */
export function stateFolder({ XDG_STATE_HOME, HOME }: Environment): string {
  return join(XDG_STATE_HOME || join(HOME || homedir(), ".local", "state"), "kubestack");
}

/** Where built parts are cached. */
export function cacheFolder({ KUBESTACK_CACHE, XDG_CACHE_HOME, HOME }: Environment): string {
  return KUBESTACK_CACHE || join(XDG_CACHE_HOME || join(HOME || homedir(), ".cache"), "kubestack");
}

/** Where an embedded nats-server keeps its streams where the configuration names no `nats.store`. */
export function usualNatsStore(environment: Environment): string {
  return join(stateFolder(environment), "nats");
}

/** The file in that folder that tells other programs of this machine where the server listens. */
export const natsAddressFile = "address";
