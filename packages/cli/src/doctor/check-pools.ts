import type { Configuration } from "@kubestack/configuration";
import { sentenceOf } from "@kubestack/contracts";
import { type Cluster, capacityRights, type Right } from "@kubestack/kubernetes";
import { type Finding, findingsOf } from "./finding.ts";

const { ok, fail } = findingsOf("pools");

/** What is known of one node pool's target after it was asked. */
export interface PoolReport {
  readonly pool: string;
  /** Such as `MachineDeployment ci-machines/spot`; where nothing was asked, the target's type. */
  readonly target: string;
  /** How many nodes it is to have; undefined: there is no such object. Null: it was not asked. */
  readonly wanted: number | null | undefined;
  /** Why it could not be asked; empty: it could. */
  readonly trouble: string;
}

/** What is known of all of them. */
export interface PoolsReport {
  readonly account: string | undefined;
  readonly missing: readonly Right[];
  readonly pools: readonly PoolReport[];
}

/** Asks the cluster what the capacity-autoscaler needs of it; it changes nothing there. Nothing is found where no pool is configured. */
export async function checkPools(
  connect: () => Promise<Cluster>,
  { nodePools }: Pick<Configuration, "nodePools">,
): Promise<readonly Finding[]> {
  if (nodePools.length === 0) return [];
  // Where it can't be reached the cluster's own check says so.
  const cluster = await connect().catch(() => undefined);
  if (cluster === undefined) return [];
  try {
    const [account, answers, pools] = await Promise.all([
      cluster.whoAmI().catch(() => undefined),
      Promise.all(capacityRights.map(({ verb, resource }) => cluster.canI(verb, resource))),
      Promise.all(nodePools.map((pool) => askTarget(cluster, pool))),
    ]);
    return poolFindings({ account, pools, missing: capacityRights.filter((_, at) => answers[at] === false) });
  } catch (error) {
    return [fail(sentenceOf(error), "run doctor again once that is mended")];
  } finally {
    await cluster.close();
  }
}

async function askTarget(
  cluster: Cluster,
  { name: pool, target }: Configuration["nodePools"][number],
): Promise<PoolReport> {
  if (target.type !== "scale") return { pool, target: target.type, wanted: null, trouble: "" };
  const told = `${target.kind} ${target.namespace}/${target.name}`;
  try {
    return { pool, target: told, wanted: (await cluster.getScale(target))?.wanted, trouble: "" };
  } catch (error) {
    return { pool, target: told, wanted: null, trouble: sentenceOf(error) };
  }
}

/** What the answers mean. */
export function poolFindings({ account, missing, pools }: PoolsReport): Finding[] {
  const who = account ?? "this account";
  const refused = [...Map.groupBy(missing, ({ resource }) => resource)].map(([resource, of]) =>
    fail(
      `${who} may not ${of.map(({ verb }) => verb).join(", ")} ${resource} of the whole cluster, which node pools need`,
      "kubectl apply -f deploy/rbac-capacity.yaml",
    ),
  );
  return [...refused, ...pools.map(poolFinding)];
}

function poolFinding({ pool, target, wanted, trouble }: PoolReport): Finding {
  if (trouble !== "")
    return fail(`pool ${pool}: ${target} could not be read: ${trouble}`, "grant the right, or correct the target");
  if (wanted === undefined) return fail(`pool ${pool}: there is no ${target}`, "make it, or correct the pool's target");
  return ok(`pool ${pool}: ${target}${wanted === null ? "" : ` is to have ${wanted} nodes`}`);
}
