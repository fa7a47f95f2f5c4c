import { configurationSchema } from "@kubestack/configuration";
import { describe, expect, test } from "vitest";
import { changesBetween, toldChanges } from "./changes.ts";

const master = (name: string, more: object = {}) => ({
  name,
  url: `http://${name}.example.org/`,
  token: "file:/t",
  ...more,
});
const template = (name: string, more: object = {}) => ({ name, labels: [name], image: "i", ...more });

const pool = (name: string) => ({ name, nodeLabels: { pool: name }, target: { type: "headroom" } });

function configuration(changed: Record<string, unknown> = {}) {
  return configurationSchema.parse({
    kubernetes: { namespace: "ci" },
    masters: [master("a"), master("b")],
    templates: [template("python"), template("go")],
    ...changed,
  });
}

describe("what is different between two configurations", () => {
  test.each<[string, Record<string, unknown>, string, string[]]>([
    ["nothing", {}, "", []],
    ["the order alone", { masters: [master("b"), master("a")] }, "", []],
    ["a master more", { masters: [master("a"), master("b"), master("c")] }, "masters added: c", []],
    ["a master less", { masters: [master("b")] }, "masters removed: a", []],
    [
      "one instead of another, and one changed",
      { masters: [master("a", { maxSlaves: 3 }), master("c")] },
      "masters added: c; masters removed: b; masters changed: a",
      [],
    ],
    ["where a secret is", { masters: [master("a", { token: "file:/other" }), master("b")] }, "masters changed: a", []],
    [
      "a template's image",
      { templates: [template("python", { image: "j" }), template("go")] },
      "templates changed: python",
      [],
    ],
    [
      "the order of templates",
      { templates: [template("go"), template("python")] },
      "templates put in another order, or written otherwise",
      [],
    ],
    ["what may be applied", { templateSources: { applied: { maxTemplates: 3 } } }, "templateSources changed", []],
    ["node pools", { nodePools: [pool("spot")] }, "node pools added: spot", []],
    ["what all node pools may cost", { capacity: { pricePerHour: 9 } }, "capacity changed", []],
    ["limits and log", { limits: { maxSlaves: 3 }, log: { level: "debug" } }, "limits changed; log.level changed", []],
    [
      "what everything hangs on",
      { install: "x", nats: { servers: ["nats://n:1"] }, kubernetes: { namespace: "other" } },
      "",
      ["install", "nats", "kubernetes"],
    ],
  ])("%s", (_, changed, told, atNextStart) => {
    const changes = changesBetween(configuration(), configuration(changed));
    expect([toldChanges(changes), changes.atNextStart]).toEqual([told, atNextStart]);
  });
});
