import type { Json, JsonMap } from "@kubestack/templates";
import { describe, expect, test } from "vitest";
import { importJcasc } from "./import-jcasc.ts";

/** The lines of each cloud, by their fields, and the master that they come to. */
function imported(...clouds: readonly JsonMap[]) {
  const file: Json = { jenkins: { clouds: clouds.map((kubernetes) => ({ kubernetes })) } };
  const { form, report } = importJcasc(JSON.stringify(file), "x.yaml", { master: "main" });
  const told = report.groups
    .filter(({ name }) => name.startsWith("cloud"))
    .map(({ lines }) => Object.fromEntries(lines.map(({ path, verdict }) => [path.slice(4).join("."), verdict])));
  const [master = {}] = form.masters as readonly JsonMap[];
  return { told, master };
}

const one = {
  containerCapStr: "40",
  jenkinsUrl: "http://a/",
  jenkinsTunnel: "a:1",
  podLabels: [{ key: "x", value: "1" }],
};

describe("clouds of one master", () => {
  test("that say the same are exact but for the cap, which is the sum", () => {
    const { told, master } = imported(one, one);
    expect(master).toMatchObject({ maxSlaves: 80, url: "http://a/", agentTunnel: "a:1", podLabels: { x: "1" } });
    for (const cloud of told)
      expect(cloud).toMatchObject({ containerCapStr: "changed", jenkinsUrl: "exact", jenkinsTunnel: "exact" });
  });

  test("of which one has no cap have none, and that is told", () => {
    const { told, master } = imported(one, { jenkinsUrl: "http://a/" });
    expect(master).not.toHaveProperty("maxSlaves");
    expect(told[0]).toMatchObject({ containerCapStr: "lost" });
  });

  test("that say something else than each other are not exact", () => {
    const { told } = imported(one, {
      jenkinsUrl: "http://b/",
      jenkinsTunnel: "b:2",
      webSocket: true,
      podLabels: [{ key: "y", value: "2" }],
    });
    expect(told[0]).toMatchObject({ webSocket: "changed", podLabels: "changed", jenkinsUrl: "exact" });
    expect(told[1]).toMatchObject({ webSocket: "exact", podLabels: "changed", jenkinsUrl: "lost" });
  });

  test("a single one keeps its cap", () => {
    const { told, master } = imported(one);
    expect(master).toMatchObject({ maxSlaves: 40 });
    expect(told[0]).toMatchObject({ containerCapStr: "exact", jenkinsUrl: "exact" });
  });
});
