import { randomBytes } from "node:crypto";
import { type Configuration, isJenkins, type MasterConfig } from "@kubestack/configuration";
import { connectExamination, connectMaster, masterOptionsOf } from "@kubestack/jenkins";
import type { Environment } from "@kubestack/runtime";
import type { NatsAddress } from "../address/find-nats.ts";
import { checkCluster, rightsFor } from "./check-cluster.ts";
import { checkLabels } from "./check-labels.ts";
import { type AskedMaster, checkMaster, unreachable } from "./check-master.ts";
import { checkNats } from "./check-nats.ts";
import { checkOverlap, servedLabels } from "./check-overlap.ts";
import { checkPools } from "./check-pools.ts";
import { checkRights } from "./check-rights.ts";
import { checkSwarm } from "./check-swarm.ts";
import { clusterOf, secretReader } from "./connections.ts";
import { type Finding, findingsOf } from "./finding.ts";
import { guarded } from "./guarded.ts";

/** What is examined, and how. */
export interface ExamineOptions {
  readonly configuration: Configuration;
  readonly masters: readonly MasterConfig[];
  readonly environment: Environment;
  readonly readOnly: boolean;
  readonly nats: () => Promise<NatsAddress>;
  /** Aborted when somebody has had enough: what was begun on a master is undone, nothing else is waited for. */
  readonly signal: AbortSignal;
}

/** A person waits: slower than this is as good as no answer. */
const timeouts = { connectMs: 5000, readMs: 10_000 };

/** Everything at once; one promise for each group of checks, in the order in which people read them. None of them rejects. */
export function examine(options: ExamineOptions): Promise<readonly Finding[]>[] {
  const { configuration, environment, masters, nats, signal } = options;
  const { namespace } = configuration.kubernetes;
  const rights = rightsFor(configuration.templates);
  const teams = configuration.templateSources.configMaps.map((one) => one.namespace);
  return [
    guarded("nats", async () => checkNats(await nats(), { hasNodePools: configuration.nodePools.length > 0 }), {
      signal,
    }),
    guarded("cluster", () => checkCluster(() => clusterOf(configuration, environment), { namespace, rights, teams }), {
      signal,
    }),
    guarded("pools", () => checkPools(() => clusterOf(configuration, environment), configuration), { signal }),
    ...masters.map((config) => examineMaster(config, options)),
  ];
}

async function examineMaster(config: MasterConfig, options: ExamineOptions): Promise<readonly Finding[]> {
  if (!isJenkins(config))
    return [findingsOf("master").ok(`${config.name}: ${config.type}, its slaves attach by themselves`)];
  const { configuration, environment, signal } = options;
  let asked: AskedMaster;
  try {
    const settings = { ...(await masterOptionsOf(config, secretReader(configuration, environment))), timeouts };
    asked = { config, master: connectMaster(settings), examination: connectExamination(settings) };
  } catch (error) {
    return [unreachable(config, error)];
  }
  try {
    return await askMaster(asked, options);
  } finally {
    asked.master.close();
    asked.examination.close();
  }

  async function askMaster(of: AskedMaster, { readOnly }: ExamineOptions): Promise<readonly Finding[]> {
    const found = Promise.withResolvers<Awaited<ReturnType<typeof checkMaster>>["probe"]>();
    const first = await guarded(
      "master",
      async () => {
        const { findings, probe } = await checkMaster(of);
        found.resolve(probe);
        return findings;
      },
      { signal },
    );
    found.resolve(undefined);
    const probe = await found.promise;
    if (probe === undefined)
      return [...first, findingsOf("rights").warn(`${config.name}: nothing else was asked of it`, "mend that first")];
    const suffix = randomBytes(4).toString("hex");
    // One request at a time: a master is not to be hurried.
    return [
      ...first,
      ...(await guarded("master", () => checkSwarm(of), { signal })),
      // Every request in it has its own end, and what it made must be removed: it is neither timed nor left alone.
      ...(await checkRights(of, { probe, readOnly, suffix, signal })),
      ...(await guarded("labels", () => checkLabels(of, probe), { signal })),
      ...(await guarded("overlap", () => checkOverlap(of, servedLabels(configuration, config.name), probe), {
        signal,
      })),
    ];
  }
}
