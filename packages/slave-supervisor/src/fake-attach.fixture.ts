import { type Computer, KubestackError } from "@kubestack/contracts";
import type { AttachMode } from "./attach/attach-mode.ts";

/** A master's node and the build that it runs. */
export interface FakeNode {
  labels: readonly string[];
  online: boolean;
  marked: boolean;
  build: string | null;
}

/** The nodes of a master in memory, and the way to them. */
export class FakeAttach {
  readonly nodes = new Map<string, FakeNode>();
  /** Builds that ended because their node was removed under them. */
  readonly killed: string[] = [];
  /** In which start the master answers; null where it does not tell. */
  session: string | null = null;
  /** Raised by everything while it is set. */
  failure: KubestackError | undefined;

  readonly mode: AttachMode = {
    showsIdle: true,
    keepsNodes: true,
    prepare: async () => this.#answer(),
    agentPart: async (slave) => ({
      program: "start-agent",
      env: { KUBESTACK_AGENT_NAME: slave.name },
      secret: { mountPath: "/run/agent" },
      podLabels: {},
    }),
    agentSpecimen: ({ name }) => ({
      program: "start-agent",
      env: { KUBESTACK_AGENT_NAME: name },
      secret: { mountPath: "/run/agent" },
      podLabels: {},
    }),
    register: async (slave) => {
      this.#answer();
      if (!this.nodes.has(slave.name))
        this.nodes.set(slave.name, { labels: slave.labels, online: false, marked: false, build: null });
    },
    secretFiles: async (slave) => {
      this.#answer();
      if (!this.nodes.has(slave.name)) throw new KubestackError("not-found", `There is no node ${slave.name}.`);
      return { secret: `secret of ${slave.name}` };
    },
    markOffline: async (slave) => {
      this.#answer();
      const node = this.nodes.get(slave.name);
      if (node !== undefined) node.marked = true;
      return { isThere: node !== undefined, session: this.session };
    },
    bringOnline: async (slave) => {
      this.#answer();
      const node = this.nodes.get(slave.name);
      if (node !== undefined) node.marked = false;
      return { isThere: node !== undefined, session: this.session };
    },
    look: async (slave) => {
      this.#answer();
      return { computer: this.computer(slave.name) ?? null, session: this.session };
    },
    removeNode: async (slave) => {
      this.#answer();
      const node = this.nodes.get(slave.name);
      if (node?.build) this.killed.push(node.build);
      this.nodes.delete(slave.name);
    },
  };

  /** A node as the master shows it. */
  computer(name: string): Computer | undefined {
    const node = this.nodes.get(name);
    if (node === undefined) return undefined;
    return {
      name,
      online: node.online && !node.marked,
      markedOffline: node.marked,
      idle: node.build === null,
      executors: 1,
      labels: [...node.labels, name],
      builds: node.build === null ? [] : [{ url: node.build, number: 1 }],
    };
  }

  computers(): Computer[] {
    return [...this.nodes.keys()].flatMap((name) => this.computer(name) ?? []);
  }

  #answer(): void {
    if (this.failure !== undefined) throw this.failure;
  }
}
