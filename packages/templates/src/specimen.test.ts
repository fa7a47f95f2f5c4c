import { describe, expect, test } from "vitest";
import { settingsOf } from "./specimen.ts";
import { template } from "./template.fixture.ts";

/** Each key that a template may have, with something of its own in it. */
const everything = {
  labels: ["python"],
  unlabelled: true,
  inject: "always",
  agentImage: "registry.example.org/agent:1",
  workDir: "/work",
  nodeProperties: { env: { A: "1" }, tools: [{ type: "jdk", name: "jdk21", home: "/opt/java" }] },
  services: [{ name: "db", port: 5432 }],
  builds: 3,
  maxAge: "2h",
  idleTimeout: "10m",
  timeouts: { schedule: "20m" },
  retain: "onFailure",
  retainFor: "2h",
  retainMax: 7,
  maxSlaves: 4,
  weight: 2,
  priority: -5,
  pools: ["spot", "on-demand"],
  warm: [{ minIdle: 2, share: 0.5, schedule: "0 7 * * *", duration: "11h", timeZone: "UTC", refillDelay: "30s" }],
  overrides: { cpu: { min: "1", max: "4" } },
  masters: ["backend"],
  jobs: ["shop/**", "mobile/*"],
};

describe("what a template says beside its pod", () => {
  test("is all of it, in the configuration's own keys and words", () => {
    expect(settingsOf(template(everything))).toEqual({
      ...everything,
      agentContainer: "jnlp",
      nodeProperties: {
        env: { A: "1" },
        tools: [{ type: "hudson.model.JDK$DescriptorImpl", name: "jdk21", home: "/opt/java" }],
      },
      services: [{ name: "db", port: 5432, targetPort: 5432, protocol: "TCP", headless: true }],
      timeouts: { schedule: "20m", pull: "10m", start: "5m", connect: "2m" },
    });
  });

  test("leaves out no key that a template has, but for its name, its pod and what its source grants", () => {
    const whole = template(everything);
    expect(Object.keys(settingsOf(whole)).toSorted()).toEqual(
      Object.keys(whole)
        .filter((key) => !["name", "pod", "from", "shared", "retainedTogether"].includes(key))
        .toSorted(),
    );
  });

  test.each<[string, Record<string, unknown>]>([
    ["a node's variable", { nodeProperties: { env: { A: "2" } } }],
    ["where a tool is", { nodeProperties: { tools: [{ type: "jdk", name: "jdk21", home: "/usr" }] } }],
    ["a Service's port", { services: [{ name: "db", port: 5433 }] }],
    ["what is kept of pods that are over", { retain: "always" }],
    ["whether the agent is put in", { inject: "never" }],
    ["how many are kept idle", { warm: [{ minIdle: 3 }] }],
  ])("tells %s", (_, other) => {
    expect(settingsOf(template({ ...everything, ...other }))).not.toEqual(settingsOf(template(everything)));
  });

  test("has nothing of what is not there", () => {
    for (const key of ["nodeProperties", "services", "overrides", "maxSlaves", "agentImage", "jobs", "warm"])
      expect(settingsOf(template())).not.toHaveProperty(key);
  });
});
