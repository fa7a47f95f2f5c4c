import { connectMaster, type Master, type QueueEntry, readWhy } from "@kubestack/jenkins";
import { expect, vi } from "vitest";
import type { BuildUnderTest, MasterUnderTest } from "../master-under-test.ts";

/** A master looks at its queue again every five seconds, if nothing makes it look sooner. */
export const soon = { timeout: 30_000, interval: 50 };

/** What the suite's tests stand on: the master, the adapter that looks at it, and what is asked again and again. */
export interface Ground {
  readonly under: MasterUnderTest;
  readonly master: Master;
  /** A name of the suite's own, for a job or a label. */
  own(word: string): string;
  /** A node's name: no label has it. */
  ownNode(word: string): string;
  /** Makes a node with one executor and these labels; its name. */
  makeNode(word: string, ...labels: string[]): Promise<string>;
  itemsOf(job: string): Promise<QueueEntry[]>;
  /** Waits until an item of the job is buildable. */
  buildable(job: string): Promise<QueueEntry>;
  /** Waits until the buildable item's sentence is read as `expected`. */
  sentence(job: string, expected: ReturnType<typeof readWhy>): Promise<void>;
  /** Waits until so many builds of the job have begun; newest first. */
  begun(job: string, count: number): Promise<BuildUnderTest[]>;
  /** Waits until so many builds of the job have begun and all of them have ended; newest first. */
  ended(job: string, count: number): Promise<BuildUnderTest[]>;
  /** How a sentence of the master is read, with the suite's own nodes known. */
  reads(why: string): ReturnType<typeof readWhy>;
}

/** The ground on a master. */
export function groundOn(under: MasterUnderTest): Ground {
  const master = connectTo(under, under);
  const own = (word: string) => under.prefix + word;
  const ownNode = (word: string) => own(`node-${word}`);
  const reads = (why: string) => readWhy(why, (name) => name.startsWith(ownNode("")));
  const itemsOf = async (job: string) => (await master.readQueue()).items.filter((item) => item.job.name === job);
  const buildable = (job: string) =>
    vi.waitFor(
      async () => (await itemsOf(job)).find((item) => item.buildable) ?? expect.fail(`${job} is not buildable`),
      soon,
    );
  return {
    under,
    master,
    own,
    ownNode,
    reads,
    itemsOf,
    buildable,
    async makeNode(word, ...labels) {
      const name = ownNode(word);
      await master.createNode({ ...nodeSpec(under, name), labels });
      return name;
    },
    sentence: (job, expected) =>
      vi.waitFor(async () => expect(reads((await buildable(job)).why)).toEqual(expected), soon),
    begun: (job, count) =>
      vi.waitFor(async () => {
        const builds = await under.builds(job);
        expect(builds).toHaveLength(count);
        return builds;
      }, soon),
    ended: (job, count) =>
      vi.waitFor(async () => {
        const builds = await under.builds(job);
        expect(builds.filter((build) => !build.building)).toHaveLength(count);
        expect(builds).toHaveLength(count);
        return builds;
      }, soon),
  };
}

/** A node without labels that takes only what asks for it. */
export function nodeSpec(under: MasterUnderTest, name: string) {
  const remoteFs = `${under.agentsFolder}/${name}`;
  return { name, description: "made by a test", labels: [], executors: 1, remoteFs, mode: "EXCLUSIVE" } as const;
}

/** The adapter, as somebody. */
export function connectTo(under: MasterUnderTest, as: { readonly user: string; readonly secret: string }): Master {
  const auth = { kind: under.secretKind, read: async () => as.secret } as const;
  return connectMaster({ name: "under-test", url: under.url, user: as.user, auth });
}
