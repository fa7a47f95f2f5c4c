import { queueItemSchema } from "@kubestack/contracts";
import { isSatisfiedBy, parseLabelExpression } from "@kubestack/demand";
import { type WantedBuilds, wantedBuilds } from "@kubestack/gearman";
import { describe, expect, test } from "vitest";
import { itemsOf, mostItems } from "./items.ts";

const server = "gearman.ci:4730";

function builds(name: string, counts: Partial<WantedBuilds> = {}): WantedBuilds {
  const told = wantedBuilds({ name, total: 1, running: 0, workers: 0 }) ?? expect.fail(`${name} is no build`);
  return { ...told, ...counts };
}

const idsOf = (wanted: readonly WantedBuilds[]) => itemsOf(wanted, server).items.map(({ id }) => id);

describe("items of a Gearman server", () => {
  test("say what is wanted, by whom and why", () => {
    const wanted = [builds("build:a:linux", { total: 3, running: 1, workers: 1 }), builds("build:b:linux")];
    expect(itemsOf(wanted, server).items[0]).toEqual({
      id: "build:a:linux#1",
      job: "a",
      url: "gearman://gearman.ci:4730/build%3Aa%3Alinux",
      wants: { kind: "expression", expression: "linux" },
      labelOrigin: "told",
      waitingSince: null,
      why: "Gearman server gearman.ci:4730: 2 of build:a:linux wait and 1 runs, 1 worker could take it; 3 wait in all for label linux",
    });
  });

  test("without a label take any agent; with a worker's label that one, and say so", () => {
    const [any] = itemsOf([builds("build:a", { total: 2 })], server).items;
    expect(any).toMatchObject({ wants: { kind: "any" }, labelOrigin: "none" });
    expect(any?.why).toContain("2 wait in all for any agent");
    const [told] = itemsOf([builds("build:a", { label: "linux", labelFrom: "worker" })], server).items;
    expect(told).toMatchObject({ wants: { kind: "expression", expression: "linux" }, labelOrigin: "told" });
    expect(told?.why).toContain("(the label of a worker that runs this job)");
  });

  test("that run are told as such, the last of each function", () => {
    const { items } = itemsOf(
      [builds("build:a:x", { total: 3, running: 1 }), builds("build:b:x", { running: 1 })],
      server,
    );
    expect(items.map(({ id, isRunning = false }) => `${id} ${isRunning}`)).toEqual([
      "build:a:x#1 false",
      "build:b:x#1 true",
      "build:a:x#2 false",
      "build:a:x#3 true",
    ]);
  });

  test("keep their ids while counts grow and shrink", () => {
    expect(idsOf([builds("build:a:x", { total: 2 })])).toEqual(["build:a:x#1", "build:a:x#2"]);
    expect(idsOf([builds("build:a:x", { total: 3, running: 2 })])).toEqual([
      "build:a:x#1",
      "build:a:x#2",
      "build:a:x#3",
    ]);
    expect(idsOf([builds("build:a:x", { total: 1, running: 1 })])).toEqual(["build:a:x#1"]);
  });

  test("are the same whatever order the server tells its functions in", () => {
    const [a, b] = [builds("build:a:x", { total: 2 }), builds("build:b:x")];
    expect(itemsOf([a, b], server)).toEqual(itemsOf([b, a], server));
    expect(idsOf([b, a])).toEqual(["build:a:x#1", "build:b:x#1", "build:a:x#2"]);
  });

  test("are bounded, and each function has its first before any has its second", () => {
    const flood = Array.from({ length: 10_000 }, (_, n) => builds(`build:j${n}:x`, { total: 3 }));
    const { items, left } = itemsOf(flood, server);
    expect(items).toHaveLength(mostItems);
    expect(left).toBe(30_000 - mostItems);
    expect(items.every(({ id }) => id.endsWith("#1"))).toBe(true);

    const mixed = itemsOf([builds("build:a:x", { total: 4_294_967_295 }), builds("build:z:y", { total: 2 })], server);
    expect(mixed.items).toHaveLength(mostItems);
    expect(mixed.items.filter(({ job }) => job === "z")).toHaveLength(2);
    expect(mixed.left).toBe(4_294_967_297 - mostItems);
  });

  test.each(["linux", "ubuntu:24.04", "a b", "a&&b", "!linux", 'say "x"\\', "(a", "a->b", "größe"])(
    "a label %j is one label, whatever it is made of",
    (label) => {
      const [item] = itemsOf([builds("build:a:x", { label })], server).items;
      const { expression = "" } = item?.wants.kind === "expression" ? item.wants : {};
      expect(parseLabelExpression(expression)).toEqual({ kind: "label", name: label });
      expect(isSatisfiedBy(parseLabelExpression(expression), new Set([label]))).toBe(true);
    },
  );

  test("of the longest names are items that may be published, and unlike each other", () => {
    const long = `build:${"j\u{1F600}".repeat(300)}`;
    const { items } = itemsOf(
      [builds(`${long}:a`), builds(`${long}:b`), builds(`build:a:${'"'.repeat(1000)}`)],
      server,
    );
    for (const item of items) expect(queueItemSchema.safeParse(item).error).toBeUndefined();
    expect(new Set(items.map(({ id }) => id)).size).toBe(3);
  });
});
