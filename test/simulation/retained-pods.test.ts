import { describe, expect, test } from "vitest";
import { crashAt, pauseAt, smallDay } from "./crash-points.ts";
import type { Stored } from "./memory-cluster.ts";
import { live } from "./schedule.ts";
import type { Site } from "./site.ts";

const retained = (pod: Stored): boolean => pod.metadata.annotations?.["kubestack.io/retained-until"] !== undefined;

/** What was seen of pods that were kept. */
interface Kept {
  /** Names of all of them. */
  readonly names: Set<string>;
  /** The most at once that stayed for longer than a comparison of what is there takes. */
  most: number;
  /** Those that a node or a Secret outlived their slave with. */
  readonly unsafe: Set<string>;
}

/** Looks at the pods that are kept, again and again. */
function watching(site: Site): Kept {
  const kept: Kept = { names: new Set(), most: 0, unsafe: new Set() };
  let before = new Set<string>();
  const look = (): void => {
    const now = [...site.cluster.pods.values()].filter(retained).map(({ metadata: { name } }) => name);
    kept.most = Math.max(kept.most, now.filter((name) => before.has(name)).length);
    before = new Set(now);
    const over = new Set(site.records.filter(({ state }) => state === "deleted").map(({ name }) => name));
    for (const name of now) {
      kept.names.add(name);
      const isLeft = site.cluster.secrets.has(name) || site.jenkins.core.state.nodes.has(name);
      if (over.has(name) && isLeft) kept.unsafe.add(name);
    }
    site.time.in(15_000, look);
  };
  site.time.in(15_000, look);
  return kept;
}

describe("pods are kept beyond their slaves", () => {
  const templates = smallDay.templates.map((one) => ({ ...one, retain: "always", retainFor: "1m" }));

  /** What is done with such a pod, and of what it leaves. */
  const among = ["stop pod", "get Secret", "delete Secret", "delete pod", "POST /computer/<slave>/doDelete"];

  test.each([
    ["a crash before it", "before", crashAt],
    ["a crash while its answer is on the way", "sent", crashAt],
    ["a pause before it, longer than the lease, while another process takes over", "before", pauseAt],
    ["a pause while its answer is on the way, and another process takes over", "sent", pauseAt],
  ] as const)(
    "%s, at each request about them in turn: each goes after its time, and nothing else changes",
    async (_, when, befall) => {
      const tried = new Set<string>();
      for (let at = 0; ; at += 1) {
        const point = { service: "slave-supervisor", at, when, among } as const;
        const { day, request } = await befall(point, 1, { templates });
        const { isOver, launched, alive, killed, doubled, failed, tookMs } = day;
        expect({ at, request, isOver, launched, alive, killed, doubled, failed }).toEqual({
          ...{ at, request, isOver: true, launched: 2, alive: 0, killed: 0, doubled: 0, failed: 0 },
        });
        expect(tookMs).toBeGreaterThan(60_000);
        if (request === undefined) break;
        tried.add(request);
      }
      expect([...tried]).toEqual(expect.arrayContaining(among));
    },
  );
});

test("those of failed launches are kept, so many at most, without node and Secret, and they hold up no launch", async () => {
  for (let seed = 1; seed <= 2; seed += 1) {
    let kept: Kept | undefined;
    const day = await live({
      seed,
      builds: 40,
      failing: 0.3,
      wishes: ["python"],
      templates: [
        { name: "python", labels: ["python"], retain: "onFailure", retainFor: "2m", retainMax: 3, maxSlaves: 6 },
      ],
      takesMs: [1_000, 20_000],
      disturb: (site) => {
        kept = watching(site);
        return undefined;
      },
    });
    const { isOver, launched, served, failed, withdrawn, alive, built, killed, doubled } = day;
    expect({ seed, isOver, built, alive, killed, doubled }).toEqual({
      seed,
      isOver: true,
      built: 40,
      alive: 0,
      killed: 0,
      doubled: 0,
    });
    expect(launched).toBe(served + failed + withdrawn);
    expect(failed).toBeGreaterThan(3);
    expect(kept?.names.size).toBeGreaterThan(3);
    expect(kept?.most).toBe(3);
    expect(kept?.unsafe).toEqual(new Set());
  }
});
