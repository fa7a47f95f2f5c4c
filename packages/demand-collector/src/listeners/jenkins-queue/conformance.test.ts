import type { DemandSource } from "@kubestack/contracts";
import { describeDemandListener } from "../conformance.fixture.ts";
import { endlessSession, JenkinsSource, junk } from "../jenkins-source.fixture.ts";
import type { ListenerContext } from "../listener.ts";
import { jenkinsQueue } from "./index.ts";

/** What waits are builds, whose names are their jobs'. */
class JenkinsQueueSource extends JenkinsSource {
  readonly troubles = {
    ...this.anyTroubles,
    "shows its computers and half of its queue": this.fault({ kind: "half" }, /^GET queue/),
    "shows its computers and no queue": this.fault({ kind: "status", status: 500 }, /^GET queue/),
    "shows its queue and no computers": this.fault({ kind: "drop" }, /^GET computer/),
  };

  readonly hostile = {
    "items that are none": { send: () => this.doctor("queue", junk) },
    "computers that are none": { send: () => this.doctor("computer", junk) },
    "an item without a job": { send: () => this.doctor("queue", [{ id: 77, buildable: true, task: {} }]) },
    "an item whose words have no end": {
      send: () =>
        this.doctor("queue", [
          {
            id: 77,
            buildable: true,
            why: "w".repeat(100_000),
            task: { name: "n".repeat(100_000), url: `http://x/job/${"u".repeat(10_000)}/`, labelExpression: "a" },
          },
        ]),
    },
    "a label that is none": {
      send: () => this.doctor("queue", [{ id: 77, buildable: true, task: { name: "n", labelExpression: "&& (" } }]),
    },
    "a session that has no end": {
      send: async () => {
        for (const of of ["queue", "computer"] as const) await this.doctor(of, [], endlessSession);
      },
    },
    "a job of all sorts of characters": {
      send: async () => this.add("\u202e<b>‘é \"\\' && \ud83d\ude00"),
    },
  };

  listener(context: ListenerContext) {
    return jenkinsQueue.connect({ type: "jenkins-queue", interval: 250 }, context);
  }

  async empty(): Promise<void> {
    const { core } = this.jenkins;
    core.batch(() => {
      for (const name of [...core.state.jobs.keys()]) core.deleteJob(name);
    });
  }

  async add(...names: string[]): Promise<void> {
    const { core } = this.jenkins;
    core.batch(() => {
      for (const name of names) {
        core.createJob({ name, label: "linux", durationMs: null });
        core.build(name);
      }
    });
  }

  async remove(name: string): Promise<void> {
    this.jenkins.core.deleteJob(name);
  }

  shown({ items }: DemandSource): readonly string[] {
    return items.map(({ job }) => job);
  }

  async flood(): Promise<number> {
    const names = Array.from({ length: 5_000 }, (_, number) => `job-${number}`);
    await this.add(...names);
    return names.length;
  }
}

describeDemandListener("jenkins-queue", new JenkinsQueueSource());
