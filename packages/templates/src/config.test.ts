import { describe, expect, test } from "vitest";
import { templateConfigSchema } from "./config.ts";
import { template } from "./template.fixture.ts";

test("an entry that says little gets these values", () => {
  expect(template()).toEqual({
    name: "python",
    labels: [],
    unlabelled: false,
    image: "registry.example.org/python:3",
    env: {},
    cpu: "500m",
    memory: "1Gi",
    disk: "2Gi",
    workDir: "/home/jenkins/agent",
    builds: 1,
    maxAge: 8 * 3_600_000,
    idleTimeout: 300_000,
    timeouts: { schedule: 600_000, pull: 600_000, start: 300_000, connect: 120_000 },
    masters: ["*"],
  });
});

test("a part of the timeouts leaves the others as they are", () => {
  expect(template({ timeouts: { connect: "30s" } }).timeouts).toEqual({
    schedule: 600_000,
    pull: 600_000,
    start: 300_000,
    connect: 30_000,
  });
});

describe("an entry that is wrong", () => {
  test.each<[Record<string, unknown>, string, string]>([
    [{ image: "two words" }, "image", "must hold no blanks; correct it"],
    [{ image: "" }, "image", "must not be empty; name an image"],
    [{ image: undefined }, "image", "must be an image, such as registry.example.org/ci/maven:3.9"],
    [{ memory: "4GB" }, "memory", "is no quantity; write it as 500m, 2 or 4Gi"],
    [{ cpu: true }, "cpu", "must be a quantity; write it as 500m, 2 or 4Gi"],
    [
      { workDir: "work" },
      "workDir",
      "must be an absolute path, or . for the folder that the agent runs in; correct it",
    ],
    [{ idleTimeout: "5" }, "idleTimeout", "is no duration; write it as 30s, 5m or 2h"],
    [{ idleTimeout: 300 }, "idleTimeout", "must be a duration; write it as 30s, 5m or 2h"],
    [{ maxAge: "10s" }, "maxAge", "must be from 1m to 8760h; correct it"],
    [{ labels: ["two words"] }, "labels.0", 'must hold no blank, " or \\; correct it'],
    [{ env: { "A=B": "x" } }, "env.A=B", "is no name of an environment variable; correct it"],
  ])("%j says so", (entry, path, message) => {
    const { error } = templateConfigSchema.safeParse({ name: "python", image: "i", ...entry });
    const told = error?.issues.map((issue) => [
      issue.path.join("."),
      issue.code === "invalid_key" ? issue.issues[0]?.message : issue.message,
    ]);
    expect(told).toEqual([[path, message]]);
  });
});
