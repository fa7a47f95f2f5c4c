import { type DemandSource, demandSchema } from "@kubestack/contracts";
import { type Logger, systemTiming } from "@kubestack/runtime";
import { type Line, listeningLog } from "@kubestack/runtime/testing";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { SourceReader } from "../source-reader.ts";
import type { DemandListener } from "./listener.ts";

/** Something that befalls a source. While it lasts nothing is known of what waits. What its functions return is waited for. */
export interface Trouble {
  begin(): unknown;
  end(): unknown;
  /** A reading takes seconds to fail: then one is enough. Default false. */
  readonly isSlow?: boolean;
  /** What waited is lost with it. Default false. */
  readonly loses?: boolean;
}

/** What may befall any source; one that can't be befallen by it says why. */
export type EveryTrouble =
  | "refuses connections"
  | "does not answer"
  | "gives half of an answer"
  | "answers what nobody can read";

/** Something that whoever reaches the source may put there. */
export interface Hostile {
  /** Sends it, or has the next reading meet it. */
  send(): unknown;
  /** Whether it stands beside what waits, which must be shown all the same (default), or in the place of all of it: then nothing may be known. */
  readonly stands?: "beside" | "instead";
  /** It can't be read: that is told, with what this matches. Left out: there is nothing to tell, or its sender is told. */
  readonly told?: RegExp;
}

/** A source of demand, as the suite drives it. What waits there has names of the suite's own. */
export interface SourceUnderTest {
  /** Called once, before everything else; one server is enough for all cases. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** A listener of it, as a collector would make one, that sees nothing of what earlier ones saw once `empty` was called. */
  connect(log: Logger): DemandListener;
  /** Now nothing waits. */
  empty(): Promise<void>;
  add(...names: string[]): Promise<void>;
  remove(name: string): Promise<void>;
  /** The names that a reading shows. */
  shown(source: DemandSource): readonly string[];
  readonly troubles: Readonly<
    Record<EveryTrouble, Trouble | { readonly never: string }> & Record<string, Trouble | { readonly never: string }>
  >;
  readonly hostile: Readonly<Record<string, Hostile>>;
  /** Has thousands wait, whatever their names. Returns how many. */
  flood(): Promise<number>;
  /** Ends and starts anew. Returns whether what waited still does. */
  restart(): Promise<"keeps" | "loses">;
  /** Whether it tells by itself that something has changed. */
  readonly pushes: boolean;
  /** How much of a listener's is open there: connections, hooks. */
  open(): number;
  /** What must never be told; left out where a listener knows no secret. */
  secrets?(): readonly string[];
}

/** How long to wait for what comes about by itself. */
const patient = { timeout: 15_000, interval: 20 };
/** However a source stands, a round is over in this time, in milliseconds. */
const longestRoundMs = 20_000;
/** No source is left alone for longer than this because it failed, in milliseconds. */
const longestPauseMs = 60_000;

/** What every demand listener must do, whatever it reads. */
export function describeDemandListener(name: string, source: SourceUnderTest): void {
  describe(`demand listener ${name}`, { timeout: 90_000 }, () => {
    const ends: (() => void)[] = [];
    const lines: Line[] = [];
    const told: string[] = [];

    beforeAll(() => source.start());
    afterAll(() => source.stop());
    afterEach(() => {
      for (const end of ends.splice(0)) end();
    });

    /** A listener, read as a collector does it; every round of it must be one that others can read. */
    async function listen() {
      const reader = new SourceReader(source.connect(listeningLog(lines)), { timing: systemTiming, now: Date.now });
      let changes = 0;
      const unwatch = reader.watch(() => {
        changes += 1;
      });
      let isClosed = false;
      const close = (): void => {
        if (isClosed) return;
        isClosed = true;
        unwatch();
        reader.close();
      };
      ends.push(close);
      await source.empty();
      const read = async (): Promise<DemandSource> => {
        const { source: round, tookMs } = await reader.read();
        demandSchema.parse({ master: "m", sources: [round] });
        expect(tookMs).toBeLessThan(longestRoundMs);
        told.push(JSON.stringify(round));
        return round;
      };
      return { reader, read, close, changes: () => changes };
    }
    type Listening = Awaited<ReturnType<typeof listen>>;

    const namesIn = (round: DemandSource) => source.shown(round).toSorted();
    /** Reads until exactly these are shown. */
    const shows = ({ read }: Listening, ...names: string[]): Promise<DemandSource> =>
      vi.waitFor(async () => {
        const round = await read();
        expect({ state: round.state, shown: namesIn(round) }).toEqual({ state: "ok", shown: names });
        return round;
      }, patient);
    /** Reads until it answers again. Until then it may be unknown, and nothing else. */
    const answersWith = ({ read }: Listening, ...names: string[]): Promise<void> =>
      vi.waitFor(async () => {
        const { state, ...round } = await read();
        if (state === "ok") return expect(namesIn({ state, ...round })).toEqual(names);
        expect(round.items).toEqual([]);
        throw new Error(`still unknown: ${round.problem?.message}`);
      }, patient);

    test("starts empty, and that is an answer", async () => {
      const listening = await listen();
      const round = await listening.read();
      expect(round).toMatchObject({ state: "ok", items: [] });
      expect(namesIn(round)).toEqual([]);
    });

    test("shows what has come and not what has gone; what stays stays what it was", async () => {
      const listening = await listen();
      await source.add("a", "b");
      const before = await shows(listening, "a", "b");
      await source.add("c");
      const after = await shows(listening, "a", "b", "c");
      const idsOf = ({ items }: DemandSource) => items.map(({ id }) => id);
      expect(idsOf(after)).toEqual(expect.arrayContaining(idsOf(before)));
      await source.remove("b");
      await shows(listening, "a", "c");
      for (const one of ["c", "a"]) await source.remove(one);
      await shows(listening);
    });

    const possible = Object.entries(source.troubles).flatMap(([what, trouble]) =>
      "never" in trouble ? [] : [[what, trouble] as const],
    );
    test.each(possible)("that %s is unknown, never empty, and by itself well again", async (_, trouble) => {
      const listening = await listen();
      await source.add("a");
      await shows(listening, "a");
      await trouble.begin();
      try {
        for (let left = trouble.isSlow ? 1 : 2; left > 0; left -= 1) {
          const round = await listening.read();
          expect(round).toMatchObject({
            state: "unknown",
            items: [],
            problem: { message: expect.stringMatching(/\w/) },
          });
          expect(round).not.toHaveProperty("computers");
          expect(listening.reader.nextAt - performance.now()).toBeLessThanOrEqual(longestPauseMs);
        }
      } finally {
        await trouble.end();
      }
      const left = trouble.loses ? [] : ["a"];
      await answersWith(listening, ...left);
      await source.add("b");
      await shows(listening, ...left, "b");
    });

    test("that is started anew is read on, and what it shows then is true", async () => {
      const listening = await listen();
      await source.add("a");
      await shows(listening, "a");
      const left = (await source.restart()) === "keeps" ? ["a"] : [];
      await answersWith(listening, ...left);
      await source.add("b");
      await shows(listening, ...left, "b");
    });

    test("that is flooded is read whole, or is said not to be, once; and is empty again after", async () => {
      const listening = await listen();
      const before = lines.length;
      const count = await source.flood();
      const round = await listening.read();
      expect(round).toMatchObject({ state: "ok" });
      await listening.read();
      const missing = count - namesIn(round).length;
      const said = lines.slice(before).filter(({ level, text }) => level === "warn" && text.includes(`${missing}`));
      expect(missing).toBeGreaterThanOrEqual(0);
      expect(said).toHaveLength(missing === 0 ? 0 : 1);
      await source.empty();
      await shows(listening);
    });

    test.each(Object.entries(source.hostile))(
      "where somebody puts %s loses nothing else, and goes on",
      async (_, bad) => {
        const listening = await listen();
        await source.add("good");
        await shows(listening, "good");
        const before = lines.length;
        await bad.send();
        const round = await listening.read();
        if (bad.told !== undefined) {
          await listening.read();
          expect(round).toMatchObject({ state: "ok", unread: { faults: expect.stringMatching(bad.told) } });
          const said = lines.slice(before).filter(({ level, text }) => level === "warn" && bad.told?.test(text));
          expect(said, "once, however long it stands there").toHaveLength(1);
        }
        if (bad.stands !== "instead") expect(round).toMatchObject({ state: "ok" });
        if (round.state === "ok") expect(namesIn(round)).toContain("good");
        await source.add("later");
        await vi.waitFor(async () => {
          expect(namesIn(await listening.read())).toEqual(expect.arrayContaining(["good", "later"]));
        }, patient);
      },
    );

    if (source.pushes)
      test("tells at once that something is there", async () => {
        const { changes } = await listen();
        const before = changes();
        await source.add("a");
        await vi.waitFor(() => expect(changes()).toBeGreaterThan(before), patient);
      });

    test("after its end has nothing open, and hears nothing", async () => {
      const listening = await listen();
      await source.add("a");
      await shows(listening, "a");
      await vi.waitFor(() => expect(source.open()).toBeGreaterThan(0), patient);
      listening.close();
      await vi.waitFor(() => expect(source.open()).toBe(0), patient);
      const heard = listening.changes();
      // A hook that is gone refuses it.
      await source.add("b").catch(() => undefined);
      expect(listening.changes()).toBe(heard);
    });

    if (source.secrets !== undefined)
      test("told no secret in all of this", () => {
        const all = [...told, ...lines.map(({ text }) => text)].join("\n");
        expect(all.length).toBeGreaterThan(0);
        for (const secret of source.secrets?.() ?? []) expect(all.includes(secret)).toBe(false);
      });
  });
}
