import type { WantedPods } from "@kubestack/capacity";
import { systemTiming } from "@kubestack/runtime";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type GuardedTarget, guarded } from "./guarded.ts";
import type { LeavingNode, Target } from "./target.ts";

/** How a test drives what a target talks to. */
export interface TargetUnderTest {
  /** Makes a group without nodes, and the target of it; another one each time. */
  begin(): Promise<Target>;
  /** Ends the group. */
  end(): Promise<void>;
  /** How many it is to have, by the word of whoever makes its nodes. */
  wanted(): Promise<number>;
  /** Its nodes as the cluster shows them, once there are so many; absent: they are not the target's. */
  readonly nodes?: ((count: number) => Promise<readonly LeavingNode[]>) | undefined;
  /** Somebody else scales it from now on; the text says why nobody can. */
  readonly own: (() => Promise<void>) | string;
  /** It allows no more than so many from now on; the text says why it knows no such limit. */
  readonly limit: ((most: number) => Promise<void>) | string;
  /** Nobody answers any more, until what is returned is called. */
  cut(): Promise<() => Promise<void>>;
  /** The target of a group that does not exist; the text says why there is none. */
  readonly missing: (() => Target) | string;
}

/** So many pods of one shape. */
export function podsOf(count: number): readonly WantedPods[] {
  const names = Array.from({ length: count }, (_, at) => `slave-${at}`);
  return count === 0 ? [] : [{ needs: { requests: { cpu: 1000, memory: 1024 ** 3 } }, names }];
}

const patient = { timeout: 30_000, interval: 50 };
const because = "so many pods wait for it";
const to = (size: number) => ({ size, pods: podsOf(size), reason: because });

/** What every target must do, whoever makes its nodes. */
export function describeTarget(type: string, under: TargetUnderTest): void {
  const guard = (of: Target, isDryRun: boolean): GuardedTarget =>
    guarded(of, { pool: "p", isDryRun, timing: systemTiming });

  describe(`target ${type}`, () => {
    let raw: Target;
    let target: GuardedTarget;
    beforeEach(async () => {
      raw = await under.begin();
      target = guard(raw, false);
    }, 60_000);
    afterEach(async () => {
      await raw.close();
      await under.end();
    }, 60_000);

    test("a group is scaled, and said again nothing changes", async () => {
      expect(await target.status()).toMatchObject({ wanted: 0, owner: null });
      expect(await target.scaleTo(to(3))).toEqual({ isDone: true, said: `pool p 0 -> 3: ${because}` });
      expect(await under.wanted()).toBe(3);
      await target.scaleTo(to(3));
      expect([await under.wanted(), (await target.status()).wanted]).toEqual([3, 3]);
    });

    test("with dryRun it is only said", async () => {
      expect(await guard(raw, true).scaleTo(to(3))).toEqual({ isDone: false, said: `pool p 0 -> 3: ${because}` });
      expect(await under.wanted()).toBe(0);
    });

    const { own, limit, missing, nodes } = under;
    if (typeof own !== "string")
      test("one that somebody else scales is left alone, and who that is is told", async () => {
        await own();
        await expect(target.scaleTo(to(3))).rejects.toMatchObject({
          code: "target-refused",
          message: expect.stringMatching(/^Pool p is scaled by .+: KubeStack leaves it alone; .*headroom/),
        });
        expect(await under.wanted()).toBe(0);
      });

    if (typeof limit !== "string")
      test("no more is asked of one than it allows", async () => {
        await limit(2);
        await expect(target.scaleTo(to(3))).rejects.toMatchObject({
          code: "target-refused",
          message: expect.stringContaining("its target allows at most 2"),
        });
        expect(await under.wanted()).toBe(0);
      });

    test("one that does not answer is an error and never zero, and goes on when it answers again", async () => {
      await target.scaleTo(to(2));
      const back = await under.cut();
      for (const act of [() => target.status(), () => target.scaleTo(to(4))])
        await expect(act()).rejects.toMatchObject({
          name: "KubestackError",
          retry: expect.not.stringMatching("never"),
        });
      await back();
      await vi.waitFor(async () => expect((await target.status()).wanted).toBe(2), patient);
      await target.scaleTo(to(4));
      expect(await under.wanted()).toBe(4);
    });

    if (typeof missing !== "string")
      test("one that is not there is told as that", async () => {
        const absent = missing();
        await expect(guard(absent, false).status()).rejects.toMatchObject({ code: "target-refused" });
        await absent.close();
      });

    if (nodes !== undefined)
      test("a node that is named goes, and no other, however often that is said", async () => {
        await target.scaleTo(to(3));
        const [first, second, third] = await nodes(3);
        const leaving = [second as LeavingNode];
        const without = { ...to(2), reason: "nothing needs it" };
        if (!target.canRemoveByName) {
          await expect(target.remove(leaving, without)).rejects.toMatchObject({ code: "target-refused" });
          expect(await under.wanted()).toBe(3);
          return;
        }
        expect(await guard(raw, true).remove(leaving, without)).toMatchObject({ isDone: false });
        expect(await under.wanted()).toBe(3);
        for (const _again of [1, 2])
          expect(await target.remove(leaving, without)).toMatchObject({
            isDone: true,
            said: `pool p without ${second?.name}: nothing needs it`,
          });
        expect(await under.wanted()).toBe(2);
        expect((await nodes(2)).map(({ name }) => name).sort()).toEqual([first?.name, third?.name].sort());
        await target.remove(leaving, without);
        expect(await under.wanted()).toBe(2);
      });
    else
      test("nodes that are not its own it never removes", async () => {
        const node = { name: "n", providerId: null, annotations: {} };
        await expect(target.remove([node], to(0))).rejects.toMatchObject({ code: "target-refused" });
      });
  });
}
