import { stringify } from "yaml";
import { imageOf, kinds } from "./slave-images.ts";

export interface ConfigurationParts {
  readonly nats: { readonly binary: string; readonly store: string };
  readonly cluster: { readonly url: string; readonly caFile: string; readonly tokenFile: string };
  readonly master: { readonly url: string; readonly user: string; readonly passwordFile: string };
  /** From the start of one round to the next. */
  readonly interval: string;
}

/** The namespace of the agents' pods, as deploy/rbac.yaml names it. */
export const agentsNamespace = "ci-agents";
/** The one master of the sandbox. */
export const masterName = "sandbox";

/** The sandbox's configuration file: what anybody would write for such a place. */
export function configurationFile(parts: ConfigurationParts): string {
  return stringify(configurationOf(parts));
}

/** The same as values, for those who change something in it. */
export function configurationOf({ nats, cluster, master, interval }: ConfigurationParts) {
  return {
    nats,
    // Several sandboxes may run on one machine.
    listen: { api: "127.0.0.1:0" },
    kubernetes: {
      namespace: agentsNamespace,
      url: cluster.url,
      token: `file:${cluster.tokenFile}`,
      tls: { ca: `file:${cluster.caFile}` },
    },
    masters: [
      {
        name: masterName,
        url: master.url,
        agentUrl: master.url,
        user: master.user,
        password: `file:${master.passwordFile}`,
        demand: [{ type: "jenkins-queue", interval }],
      },
    ],
    templates: kinds.map((kind) => ({
      name: kind,
      labels: [kind],
      image: imageOf(kind),
      cpu: "50m",
      memory: "128Mi",
      disk: "100Mi",
      workDir: ".",
    })),
  };
}
