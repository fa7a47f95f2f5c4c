import type { DemandSource } from "@kubestack/contracts";
import { describeDemandListener } from "../conformance.fixture.ts";
import { endlessSession, JenkinsSource, junk } from "../jenkins-source.fixture.ts";
import type { ListenerContext } from "../listener.ts";
import { jenkinsComputers } from "./index.ts";

/** Nothing waits here: what comes and goes are nodes. The master's own executors, which always are there, don't count. */
class JenkinsComputersSource extends JenkinsSource {
  readonly troubles = this.anyTroubles;

  readonly hostile = {
    "computers that are none": { send: () => this.doctor("computer", junk) },
    "a session that has no end": { send: () => this.doctor("computer", [], endlessSession) },
    "labels that are none": {
      send: () =>
        this.doctor("computer", [
          {
            displayName: "x",
            idle: true,
            offline: false,
            temporarilyOffline: false,
            numExecutors: 1,
            assignedLabels: [{ name: "l".repeat(1_000) }, { name: "" }, { name: null }, {}],
          },
        ]),
    },
  };

  listener(context: ListenerContext) {
    return jenkinsComputers.connect({ type: "jenkins-computers", interval: 250 }, context);
  }

  async empty(): Promise<void> {
    const { core } = this.jenkins;
    core.batch(() => {
      for (const name of [...core.state.nodes.keys()]) core.deleteNode(name);
    });
  }

  async add(...names: string[]): Promise<void> {
    const { core } = this.jenkins;
    core.batch(() => {
      for (const name of names) core.createNode({ name, labels: "linux" });
    });
  }

  async remove(name: string): Promise<void> {
    this.jenkins.core.deleteNode(name);
  }

  shown({ computers = [] }: DemandSource): readonly string[] {
    return computers.map(({ name }) => name).filter((name) => name !== "Built-In Node");
  }

  async flood(): Promise<number> {
    const names = Array.from({ length: 2_000 }, (_, number) => `node-${number}`);
    await this.add(...names);
    return names.length;
  }
}

describeDemandListener("jenkins-computers", new JenkinsComputersSource());
