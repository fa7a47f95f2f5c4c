import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { NatsConfig } from "@kubestack/bus";
import { KubestackError } from "@kubestack/contracts";
import type { Environment } from "@kubestack/runtime";
import { chooseSource, faultOfServer, type GivenAddress } from "./choose-source.ts";
import { configuredNats } from "./configured-nats.ts";

/** Where and how to reach NATS. */
export interface NatsAddress {
  readonly servers: readonly string[];
  readonly credentialsFile?: string | undefined;
  readonly caFile?: string | undefined;
  /** What to say when nobody is there, as one sentence. */
  readonly hint: string;
}

/** Finds NATS; `invalid-config` says how to name it where nothing does. */
export async function findNats(given: GivenAddress, environment: Environment): Promise<NatsAddress> {
  const source = chooseSource(given, environment, existsSync);
  switch (source.kind) {
    case "named": {
      const config = source.config === undefined ? {} : await configuredNats(source.config, environment);
      return { ...checked(source.servers, "KUBESTACK_NATS"), ...filesOf(config), hint: "Check --nats or KUBESTACK_NATS." };
    }
    case "config":
      return configured(source.file, await configuredNats(source.file, environment));
    case "sandbox":
      return {
        ...checked([await readAddress(source.file)], source.file),
        hint: `The address is in ${source.file}: start the sandbox with npm start, or name another one with --nats or --config.`,
      };
    case "none":
      throw invalid("Nothing says where NATS is; start a sandbox (npm start), or name one with --config FILE or --nats URL.");
  }
}

async function configured(file: string, nats: NatsConfig): Promise<NatsAddress> {
  if (nats.servers !== undefined)
    return { servers: nats.servers, ...filesOf(nats), hint: `Check nats.servers in ${file}.` };
  if (nats.store === undefined)
    throw invalid(`${file} names neither nats.servers nor nats.store; give NATS's address with --nats URL.`);
  const at = join(nats.store, "address");
  if (!existsSync(at))
    throw invalid(`${file} asks for an embedded nats-server, and ${at} is not there; start kubestackd on this machine.`);
  return { ...checked([await readAddress(at)], at), hint: `The address is in ${at}: is kubestackd running on this machine?` };
}

function filesOf({ credentials, tls }: NatsConfig): Pick<NatsAddress, "credentialsFile" | "caFile"> {
  return { credentialsFile: pathOf(credentials), caFile: pathOf(tls?.ca) };
}

function pathOf(reference: string | undefined): string | undefined {
  return reference?.slice("file:".length);
}

async function readAddress(file: string): Promise<string> {
  try {
    return (await readFile(file, "utf8")).trim();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw invalid(`NATS's address can't be read from ${file} (${why}); name it with --nats URL.`);
  }
}

function checked(servers: readonly string[], where: string): { servers: readonly string[] } {
  for (const server of servers) {
    const fault = faultOfServer(server);
    if (fault !== undefined) throw invalid(`${where} holds no address of NATS; ${fault}.`);
  }
  return { servers };
}

function invalid(sentence: string): KubestackError {
  return new KubestackError("invalid-config", sentence, { retry: "never" });
}
