import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { NatsConfig } from "@kubestack/bus";
import { KubestackError } from "@kubestack/contracts";
import { type Environment, natsAddressFile, usualNatsStore } from "@kubestack/runtime";
import { chooseSource, faultOfServer, type GivenAddress } from "./choose-source.ts";
import { configuredNats } from "./configured-nats.ts";

/** Where and how to reach NATS. */
export interface NatsAddress {
  readonly servers: readonly string[];
  readonly credentialsFile?: string | undefined;
  readonly caFile?: string | undefined;
  /** Where the address was found, as a sentence for when nobody is there; none where it was named. */
  readonly hint?: string | undefined;
}

/** Finds NATS; `invalid-config` says how to name it where nothing does. */
export async function findNats(given: GivenAddress, environment: Environment): Promise<NatsAddress> {
  const source = chooseSource(given, environment, existsSync);
  switch (source.kind) {
    case "named": {
      const config = source.config === undefined ? {} : await configuredNats(source.config, environment);
      return { ...checked(source.servers, "KUBESTACK_NATS"), ...filesOf(config) };
    }
    case "config":
      return configured(source.file, await configuredNats(source.file, environment), environment);
    case "sandbox":
      return {
        ...checked([await readAddress(source.file)], source.file),
        hint: `Its address stands in ${source.file}, where a running sandbox keeps it: start one with npm start, or name another NATS with --nats or --config.`,
      };
    case "none":
      throw invalid(
        "Nothing says where NATS is; start a sandbox (npm start), or name one with --config FILE or --nats URL.",
      );
  }
}

async function configured(file: string, nats: NatsConfig, environment: Environment): Promise<NatsAddress> {
  if (nats.servers !== undefined) return { servers: nats.servers, ...filesOf(nats) };
  const at = join(nats.store ?? usualNatsStore(environment), natsAddressFile);
  if (!existsSync(at))
    throw invalid(
      `${file} asks for an embedded nats-server, and ${at} is not there; start kubestackd on this machine, or give the address with --nats URL.`,
    );
  return {
    ...checked([await readAddress(at)], at),
    hint: `Its address stands in ${at}: start kubestackd on this machine.`,
  };
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
