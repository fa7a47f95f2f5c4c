import { join } from "node:path";
import { cacheFolder, type Environment } from "@kubestack/runtime";

/** What the command line says about where NATS is. */
export interface GivenAddress {
  /** `--config` */
  readonly config?: string | undefined;
  /** `--nats` */
  readonly nats?: readonly string[] | undefined;
}

/** Where the address of NATS comes from. */
export type NatsSource =
  /** Named directly; a configuration that is named too still gives credentials and CA. */
  | { readonly kind: "named"; readonly servers: readonly string[]; readonly config: string | undefined }
  | { readonly kind: "config"; readonly file: string }
  /** The file that a running sandbox keeps its address in. */
  | { readonly kind: "sandbox"; readonly file: string }
  | { readonly kind: "none" };

/** The configuration's place where nothing else is said. */
export const usualFile = "/etc/kubestack/config.yaml";

/** The file that holds NATS's address while a sandbox runs. */
export function sandboxFile(environment: Environment): string {
  return join(cacheFolder(environment), "sandbox", "nats");
}

/**
 * Chooses, first match wins: what is named on the command line or in the environment, a running sandbox, the usual file.
 * The usual file is not read where an address is named.
 */
export function chooseSource(
  given: GivenAddress,
  environment: Environment,
  isThere: (file: string) => boolean,
): NatsSource {
  const config = given.config ?? (environment.KUBESTACK_CONFIG || undefined);
  const servers = given.nats ?? (environment.KUBESTACK_NATS ? splitServers(environment.KUBESTACK_NATS) : undefined);
  if (servers !== undefined) return { kind: "named", servers, config };
  if (config !== undefined) return { kind: "config", file: config };
  const sandbox = sandboxFile(environment);
  if (isThere(sandbox)) return { kind: "sandbox", file: sandbox };
  return isThere(usualFile) ? { kind: "config", file: usualFile } : { kind: "none" };
}

/** A list of addresses with commas between them. */
export function splitServers(text: string): string[] {
  return text
    .split(",")
    .map((one) => one.trim())
    .filter((one) => one !== "");
}

/** What is wrong with an address, or undefined. One with a password in it would be seen by everyone on the machine. */
export function faultOfServer(server: string): string | undefined {
  if (!/^(?:nats|tls):\/\/\S+$/.test(server)) return "write it as nats://host:port or tls://host:port";
  if (server.includes("@")) return "put no user or password into it; name a credentials file in nats.credentials";
  return undefined;
}
