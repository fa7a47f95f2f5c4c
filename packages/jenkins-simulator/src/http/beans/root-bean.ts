import type { Bean } from "../bean.ts";
import { childrenOf } from "./job-beans.ts";
import type { View } from "./view.ts";

/** Something else that provisions agents for labels, such as the kubernetes-plugin's. */
export interface Cloud {
  readonly name: string;
  /** Its class. */
  readonly kind: string;
  readonly labels: readonly string[];
}

/** Settings of the master that nothing within it depends on. */
export interface RootSettings {
  readonly usesCrumbs: boolean;
  /** TCP port for agents; -1: switched off. */
  readonly agentPort: number;
  readonly clouds: readonly Cloud[];
  /** Whether it has the Swarm plugin. */
  readonly hasSwarm: boolean;
}

export function rootBean(view: View, settings: RootSettings): Bean {
  const { state } = view;
  const primary: Bean = {
    class: "hudson.model.AllView",
    brief: ["name", "url"],
    fields: { name: () => "all", url: () => view.rootUrl, jobs: () => childrenOf(view, "") },
  };
  return {
    class: "hudson.model.Hudson",
    fields: {
      description: () => null,
      jobs: () => childrenOf(view, ""),
      mode: () => "NORMAL",
      nodeDescription: () => state.builtIn.description,
      nodeName: () => "",
      numExecutors: () => state.builtIn.executors.length,
      primaryView: () => primary,
      quietDownReason: () => null,
      quietingDown: () => state.quietingDown,
      slaveAgentPort: () => settings.agentPort,
      url: () => view.rootUrl,
      useCrumbs: () => settings.usesCrumbs,
      useSecurity: () => true,
      views: () => [primary],
    },
  };
}
