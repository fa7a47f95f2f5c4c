import type { AskedMaster } from "./check-master.ts";
import { type Finding, findingsOf } from "./finding.ts";

const { ok, fail } = findingsOf("master");

/** Asks a master whose nodes its Swarm plugin is to make whether it has that; of any other there is nothing to say. */
export async function checkSwarm({ config, examination }: AskedMaster): Promise<readonly Finding[]> {
  const { name, attach } = config;
  if (attach !== "swarm") return [];
  if (await examination.hasSwarm()) return [ok(`${name} has the Swarm plugin, which makes its nodes (attach: swarm)`)];
  return [
    fail(
      `${name} has no Swarm plugin: no slave can be made (attach: swarm)`,
      `install the plugin swarm on the master, 3.25 or later, or remove masters[${name}].attach`,
    ),
  ];
}
