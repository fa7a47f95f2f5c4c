import { type Logger, systemTiming } from "@kubestack/runtime";
import { type Line, listeningLog } from "@kubestack/runtime/testing";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type Bed, patient } from "../bed.fixture.ts";
import type { MasterCompletionsOptions } from "../master-completions.ts";

/** A build of the suite's own. Each has a node of its own, by which what is told of it is known. */
export interface TestedBuild {
  readonly node: string;
  readonly number: number;
}

/** Something that befalls a source. While it lasts nothing is told. What its functions return is waited for. */
export interface Trouble {
  begin(): unknown;
  end(): unknown;
}

/** What may befall any source; one that can't be befallen by it says why. */
export type EveryTrouble =
  | "refuses connections"
  | "does not answer"
  | "gives half of an answer"
  | "answers what nobody can read";

/** Something that whoever reaches the source may send. */
export interface Hostile {
  send(): unknown;
  /** Whether it is a build's start like any other. Default false: nothing may come of it. */
  readonly passes?: boolean;
}

/** A source of completions, as the suite drives it. */
export interface SourceUnderTest {
  /** Whether what it tells is taken for true, or only has the master looked at; then `names` says whether at one node. */
  readonly tells: "facts" | "hints";
  /** Default true. */
  readonly names?: boolean;
  /** Called once, before everything else; one server is enough for all cases. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** How a collector listens to it, as a master of this name: nothing of earlier ones is told any more. */
  options(master: string, log: Logger): Pick<MasterCompletionsOptions, "listeners"> & Partial<MasterCompletionsOptions>;
  /** Resolves when what it tells from now on is heard. */
  isHeard(): Promise<unknown>;
  starts(...builds: readonly TestedBuild[]): Promise<void>;
  ends(...builds: readonly TestedBuild[]): Promise<void>;
  /** Tells all that it told this master once more, the newest first. */
  again(): Promise<void>;
  readonly troubles: Readonly<
    Record<EveryTrouble, Trouble | { readonly never: string }> & Record<string, Trouble | { readonly never: string }>
  >;
  readonly hostile: Readonly<Record<string, Hostile>>;
  /** So many builds at once are a flood to it. */
  readonly flood: number;
  /** Ends and starts anew; left out where nobody keeps a connection to it. */
  restart?(): Promise<void>;
  /** How much of a listener's is open there: connections, subscriptions, hooks. */
  open(): number;
  /** What must never be told; left out where a listener knows no secret. */
  secrets?(): readonly string[];
}

/** What every completion listener must do, whatever it hears. */
export function describeCompletionListener(name: string, { bed, source }: { bed: Bed; source: SourceUnderTest }): void {
  describe(`completion listener ${name}`, { timeout: 90_000 }, () => {
    const lines: Line[] = [];
    const told: string[] = [];
    let builds = 0;
    /** Builds that nobody else has. */
    const newBuilds = (count: number): TestedBuild[] =>
      Array.from({ length: count }, () => {
        builds += 1;
        return { node: `ks-x-${builds}`, number: builds };
      });
    const newBuild = (): TestedBuild => newBuilds(1)[0] as TestedBuild;

    beforeAll(() => source.start());
    afterAll(() => source.stop());

    /** What is heard of a build's start and end. */
    const started = ({ node }: TestedBuild): string => wordOf(node, { facts: "started", hints: "seen" });
    const ended = ({ node }: TestedBuild): string => wordOf(node, { facts: "finished", hints: "idle" });
    const wordOf = (node: string, of: Readonly<Record<SourceUnderTest["tells"], string>>): string =>
      source.names === false ? "somewhere" : `${of[source.tells]} ${node}`;

    async function listen() {
      // What is told now is not to be taken for heard because an earlier listener was there.
      await vi.waitFor(() => expect(source.open()).toBe(0), patient);
      const master = bed.newName();
      const [facts, asked] = [bed.hear(master), await bed.asked(master)];
      const log = listeningLog(lines);
      const { completions, stop } = await bed.listening({ name: master, timing, log, ...source.options(master, log) });
      await source.isHeard();
      const heard = (): string[] =>
        source.tells === "facts"
          ? facts.map(({ phase, node }) => `${phase} ${node}`)
          : asked.flatMap(({ nodes, until }) =>
              nodes.length === 0 ? ["somewhere"] : nodes.map((node) => `${until} ${node}`),
            );
      const hears = (...words: string[]) =>
        vi.waitFor(() => expect(heard()).toEqual(expect.arrayContaining(words)), patient);
      /** After a trouble what is pushed may be lost yet: it is told until it is heard. Returns how often it was told. */
      const hearsAtLast = async (word: string, tell: () => Promise<void>): Promise<number> => {
        const before = heard().length;
        let times = 0;
        const isHeard = () => expect(heard().slice(before)).toContain(word);
        await vi.waitFor(async () => {
          times += 1;
          await tell();
          await vi.waitFor(isHeard, { timeout: 500, interval: 5 });
        }, patient);
        return times;
      };
      const noteAll = (): void => {
        told.push(completions.status().detail, JSON.stringify([facts, asked]));
      };
      // What is a fact is one of this kind only.
      if (source.tells === "hints") expect(facts).toEqual([]);
      return { heard, hears, hearsAtLast, stop, noteAll, facts, asked };
    }

    test("starts silent; a start and an end are told, once each", async () => {
      const { heard, hears, noteAll, facts } = await listen();
      const [one, other] = [newBuild(), newBuild()];
      await source.starts(one);
      await vi.waitFor(() => expect(heard()).toEqual([started(one)]), patient);
      await source.ends(one);
      await vi.waitFor(() => expect(heard()).toEqual([started(one), ended(one)]), patient);
      await source.starts(other);
      await vi.waitFor(() => expect(heard()).toHaveLength(3), patient);
      await hears(started(other));
      if (source.tells === "hints") expect(facts).toEqual([]);
      noteAll();
    });

    test("of many at once none is missed, and none is told twice", async () => {
      const { heard, hears } = await listen();
      const all = newBuilds(100);
      await source.starts(...all);
      await hears(...all.map(started));
      await source.ends(...all);
      await hears(...all.map(ended));
      if (source.names !== false) expect(heard().toSorted()).toEqual([...new Set(heard())].toSorted());
      else expect(heard().length).toBeLessThanOrEqual(2 * all.length);
    });

    test("told again and in the wrong order, no fact is told twice, and no more is looked at than was told", async () => {
      const { heard, hears, hearsAtLast } = await listen();
      const [one, other] = [newBuild(), newBuild()];
      await source.starts(one);
      await hears(started(one));
      await source.ends(one);
      await hears(ended(one));
      await source.again();
      await source.again();
      const times = await hearsAtLast(started(other), () => source.starts(other));
      if (source.tells === "facts") expect(heard()).toEqual([started(one), ended(one), started(other)]);
      // Two, and each of them twice more.
      else expect(heard().length).toBeLessThanOrEqual(6 + times);
    });

    const possible = Object.entries(source.troubles).flatMap(([what, trouble]) =>
      "never" in trouble ? [] : [[what, trouble] as const],
    );
    test.each(possible)("whose source %s tells nothing of it, and by itself hears again", async (_, trouble) => {
      const { heard, hears, hearsAtLast, noteAll } = await listen();
      const [one, other] = [newBuild(), newBuild()];
      await source.starts(one);
      await hears(started(one));
      await trouble.begin();
      try {
        expect(heard()).toEqual([started(one)]);
      } finally {
        await trouble.end();
      }
      await hearsAtLast(started(other), () => source.starts(other));
      // Nothing is over for that.
      if (source.names !== false) expect(heard()).not.toContain(ended(one));
      await hearsAtLast(ended(one), () => source.ends(one));
      if (source.tells === "facts") expect(heard()).toEqual([started(one), started(other), ended(one)]);
      noteAll();
    });

    if (source.restart !== undefined)
      test("whose source is started anew hears what begins then, and tells nothing twice", async () => {
        const { heard, hears, hearsAtLast } = await listen();
        const [one, other] = [newBuild(), newBuild()];
        await source.starts(one);
        await hears(started(one));
        await source.restart?.();
        await hearsAtLast(started(other), () => source.starts(other));
        if (source.tells === "facts") expect(heard()).toHaveLength(new Set(heard()).size);
      });

    test("that is flooded is none the worse for it, and asks for no more looks than it was told of", async () => {
      const { heard, hearsAtLast, asked, facts } = await listen();
      const flood = newBuilds(source.flood);
      await source.starts(...flood);
      await source.ends(...flood);
      const one = newBuild();
      await hearsAtLast(started(one), () => source.starts(one));
      expect(asked.length).toBeLessThanOrEqual(2 * source.flood + 50);
      if (source.tells === "hints") return expect(facts).toEqual([]);
      await vi.waitFor(
        () => expect(heard()).toEqual(expect.arrayContaining([...flood.map(started), ...flood.map(ended)])),
        patient,
      );
      expect(heard()).toHaveLength(new Set(heard()).size);
    });

    test.each(Object.entries(source.hostile))(
      "that is sent %s loses nothing else for it, and goes on",
      async (_, bad) => {
        const { heard, hears, hearsAtLast, noteAll } = await listen();
        const [one, other] = [newBuild(), newBuild()];
        await source.starts(one);
        await hears(started(one));
        const before = lines.length;
        await bad.send();
        const times = [await hearsAtLast(started(other), () => source.starts(other))];
        if (source.names !== false) expect(heard()).not.toContain(ended(one));
        times.push(await hearsAtLast(ended(one), () => source.ends(one)));
        const own = new Set([started(one), ended(one), started(other)]);
        expect(heard().filter((word) => !own.has(word))).toHaveLength(bad.passes === true ? 1 : 0);
        if (source.names === false)
          expect(heard().length).toBeLessThanOrEqual(times.reduce((sum, one) => sum + one, 1));
        // It is told of once, and not with all that is told after it.
        expect(lines.slice(before).filter(({ level }) => level === "warn").length).toBeLessThanOrEqual(1);
        noteAll();
      },
    );

    test("after its end has nothing open, and tells nothing", async () => {
      const { heard, hears, stop } = await listen();
      const [one, other] = [newBuild(), newBuild()];
      await source.starts(one);
      await hears(started(one));
      await source.ends(one);
      await hears(ended(one));
      await vi.waitFor(() => expect(source.open()).toBeGreaterThan(0), patient);
      await stop();
      await vi.waitFor(() => expect(source.open()).toBe(0), patient);
      const before = heard().length;
      // A hook that is gone refuses it.
      await source.starts(other).catch(() => undefined);
      await bed.bus.mend();
      expect(heard()).toHaveLength(before);
    });

    if (source.secrets !== undefined)
      test("told no secret in all of this", () => {
        const all = [...told, ...lines.map(({ text }) => text)].join("\n");
        expect(all.length).toBeGreaterThan(0);
        for (const secret of source.secrets?.() ?? []) expect(all.includes(secret)).toBe(false);
      });
  });
}

/** Pauses are there and short: what comes back is tried for often. */
const timing = {
  ...systemTiming,
  sleep: (ms: number, signal?: AbortSignal) => systemTiming.sleep(Math.min(ms, 50), signal),
};
