import { hasCode, sentenceOf } from "@kubestack/contracts";
import {
  type Cluster,
  neededRights,
  type QuotaUse,
  type Right,
  retentionRights,
  serviceRights,
  templateRights,
} from "@kubestack/kubernetes";
import type { TemplateConfig } from "@kubestack/templates";
import { type Finding, findingsOf } from "./finding.ts";

const { ok, warn, fail } = findingsOf("cluster");

/** What is known of a cluster after it was asked. */
export interface ClusterReport {
  readonly version: string;
  readonly server: string;
  readonly namespace: string;
  /** The name by which the cluster knows who asks. */
  readonly account: string | undefined;
  /** What was asked for. */
  readonly rights: readonly Right[];
  readonly missing: readonly Right[];
  /** `refused`: this account may not read it, which is a right that is missing too. */
  readonly hasNamespace: boolean | "refused";
  /** Rights that are missing where ConfigMaps bring templates, by namespace; of each that may. */
  readonly teams: readonly { readonly namespace: string; readonly missing: readonly Right[] }[];
  /** Rights that no template of the file needs, which are missing: one of a team's may need them. Empty where ConfigMaps bring none. */
  readonly teamsLack: readonly Right[];
  /** Null: they can't be read, which no right of ours gives. */
  readonly quotas: readonly QuotaUse[] | null;
}

/** Which rights are to be asked for, and where. */
export interface AskedRights {
  readonly namespace: string;
  readonly rights: readonly Right[];
  /** Namespaces whose ConfigMaps may bring templates. */
  readonly teams: readonly string[];
}

/** The rights that a slave-supervisor needs for these templates. */
export function rightsFor(
  templates: readonly {
    readonly services?: readonly unknown[] | undefined;
    readonly retain?: TemplateConfig["retain"];
  }[],
): readonly Right[] {
  const hasServices = templates.some(({ services = [] }) => services.length > 0);
  const keepsPods = templates.some(({ retain = "never" }) => retain !== "never");
  return [...neededRights, ...(hasServices ? serviceRights : []), ...(keepsPods ? retentionRights : [])];
}

/** What other templates than those may need besides. */
function furtherRights(rights: readonly Right[]): readonly Right[] {
  const asked = new Set(rights);
  return [...serviceRights, ...retentionRights].filter((right) => !asked.has(right));
}

/** Asks the cluster; it changes nothing there. */
export async function checkCluster(connect: () => Promise<Cluster>, asked: AskedRights): Promise<readonly Finding[]> {
  let cluster: Cluster;
  try {
    cluster = await connect();
  } catch (error) {
    return [fail(sentenceOf(error), "correct kubernetes: in the configuration, or the kubeconfig")];
  }
  try {
    return clusterFindings(await askCluster(cluster, asked));
  } catch (error) {
    return [fail(sentenceOf(error), unreachableFix(error))];
  } finally {
    await cluster.close();
  }
}

function unreachableFix(error: unknown): string {
  return hasCode(error, "credential-refused")
    ? "renew the credential that kubernetes: or the kubeconfig names"
    : "see that the API server runs, and that kubernetes: or the kubeconfig names it";
}

async function askCluster(cluster: Cluster, { namespace, rights, teams }: AskedRights): Promise<ClusterReport> {
  const { gitVersion: version } = await cluster.version();
  const missingIn = async (of: string, needed: readonly Right[]): Promise<Right[]> => {
    const answers = await Promise.all(needed.map((right) => cluster.canI(right.verb, right.resource, of)));
    return needed.filter((_, at) => answers[at] === false);
  };
  const [account, missing, teamsLack, ofTeams, hasNamespace, quotas] = await Promise.all([
    cluster.whoAmI().catch(() => undefined),
    missingIn(namespace, rights),
    missingIn(namespace, teams.length === 0 ? [] : furtherRights(rights)),
    Promise.all(teams.map(async (of) => ({ namespace: of, missing: await missingIn(of, templateRights) }))),
    cluster.namespaceExists(namespace).catch((error: unknown) => {
      if (hasCode(error, "cluster-refused")) return "refused" as const;
      throw error;
    }),
    cluster.quotas(namespace).catch(() => null),
  ]);
  return {
    ...{ version, server: cluster.server, namespace, account, rights, missing, teamsLack },
    ...{ teams: ofTeams, hasNamespace, quotas },
  };
}

/** What the answers mean. */
export function clusterFindings(report: ClusterReport): Finding[] {
  const { version, server, namespace, account, missing, hasNamespace, quotas } = report;
  const who = account === undefined ? "this account" : account;
  const gone =
    hasNamespace === false
      ? [
          fail(
            `there is no namespace ${namespace}`,
            `kubectl create namespace ${namespace}, or correct kubernetes.namespace`,
          ),
        ]
      : [];
  return [
    ok(`Kubernetes ${version} at ${server}, namespace ${namespace}, as ${who}`),
    ...gone,
    ...rightFindings(report, who),
    ...(missing.length === 0 && hasNamespace !== "refused"
      ? [ok(`rights in ${namespace}: ${printRights(report.rights)} (asked, not guessed)`)]
      : []),
    ...report.teams.flatMap((team) => teamFinding(team, who)),
    ...byResource(report.teamsLack).map(([resource, verbs]) =>
      warn(
        `${who} may not ${verbs} ${resource} in namespace ${namespace}: a team's template with services: or retain: may need it`,
        roleFix(resource, verbs),
      ),
    ),
    ...(quotas ?? []).flatMap(quotaFinding),
  ];
}

/** Whether the templates of a team's namespace can be read. */
function teamFinding({ namespace, missing }: ClusterReport["teams"][number], who: string): Finding[] {
  if (missing.length === 0)
    return [ok(`templates may come from namespace ${namespace}: ${printRights(templateRights)}`)];
  const verbs = missing.map(({ verb }) => verb).join(", ");
  return [
    fail(
      `${who} may not ${verbs} configmaps in namespace ${namespace}, whose ConfigMaps may bring templates`,
      `give it a Role there: - {apiGroups: [""], resources: [configmaps], verbs: [${verbs}]}   (as deploy/rbac-templates.yaml does for team-a)`,
    ),
  ];
}

function rightFindings({ missing, hasNamespace, namespace }: ClusterReport, who: string): Finding[] {
  const refused = byResource(missing).map(([resource, verbs]) =>
    fail(`${who} may not ${verbs} ${resource} in namespace ${namespace}`, roleFix(resource, verbs)),
  );
  if (hasNamespace !== "refused") return refused;
  return [
    ...refused,
    fail(
      `${who} may not get namespace ${namespace}`,
      `add to its Role: - {apiGroups: [""], resources: [namespaces], resourceNames: [${namespace}], verbs: [get]}   (or kubectl apply -f deploy/rbac.yaml)`,
    ),
  ];
}

/** Each resource with its verbs, for a sentence. */
function byResource(rights: readonly Right[]): [resource: string, verbs: string][] {
  return [...Map.groupBy(rights, ({ resource }) => resource)].map(([resource, of]) => [
    resource,
    of.map(({ verb }) => verb).join(", "),
  ]);
}

function roleFix(resource: string, verbs: string): string {
  const [plural = "", ...group] = resource.split(".");
  return `add to its Role: - {apiGroups: [${group.join(".") || '""'}], resources: [${plural}], verbs: [${verbs}]}   (or kubectl apply -f deploy/rbac.yaml)`;
}

function printRights(rights: readonly Right[]): string {
  return [...Map.groupBy(rights, ({ resource }) => resource)]
    .map(([resource, of]) => `${resource} {${of.map(({ verb }) => verb).join(",")}}`)
    .join(" ");
}

/** Plain counts are compared; amounts such as `4Gi` are shown as they stand. */
function quotaFinding({ resource, used, hard }: QuotaUse): Finding[] {
  const sentence = `quota ${resource}: ${used} of ${hard} used`;
  const isFull = /^\d+$/.test(used) && /^\d+$/.test(hard) && Number(used) >= Number(hard);
  return [
    isFull ? warn(`${sentence}: no further slave fits`, "raise the ResourceQuota, or lower maxSlaves") : ok(sentence),
  ];
}
