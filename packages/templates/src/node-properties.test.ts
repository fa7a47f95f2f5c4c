import { describe, expect, test } from "vitest";
import { templateEntrySchema, templateOf } from "./config.ts";
import { template } from "./template.fixture.ts";

const entry = (said: Record<string, unknown>) =>
  templateEntrySchema.parse({ name: "base", image: "registry.example.org/python:3", ...said });
const jdk = "hudson.model.JDK$DescriptorImpl";

test("a template that says nothing of its nodes gives them nothing", () => {
  expect(template().nodeProperties).toEqual({ env: {}, tools: [] });
});

test("variables are texts, and usual tools are known by the word that pipelines have for them", () => {
  const nodeProperties = {
    env: { "PATH+MAVEN": "/opt/maven/bin", JOBS: 4, CI: true },
    tools: [
      { type: "jdk", name: "21", home: "/opt/jdk-21" },
      { type: "org.example.Tool$DescriptorImpl", name: "own", home: "C:\\own" },
    ],
  };
  expect(template({ nodeProperties }).nodeProperties).toEqual({
    env: { "PATH+MAVEN": "/opt/maven/bin", JOBS: "4", CI: "true" },
    tools: [
      { type: jdk, name: "21", home: "/opt/jdk-21" },
      { type: "org.example.Tool$DescriptorImpl", name: "own", home: "C:\\own" },
    ],
  });
});

test("what a template stands on is merged: variables by name, tools by type and name, and null takes away", () => {
  const base = entry({
    nodeProperties: {
      env: { A: "1", B: "1", C: "1" },
      tools: [
        { type: "jdk", name: "17", home: "/jdk-17" },
        { type: jdk, name: "21", home: "/jdk-21" },
        { type: "git", name: "21", home: "/git" },
      ],
    },
  });
  const child = entry({
    name: "child",
    inheritFrom: ["base"],
    nodeProperties: {
      env: { B: "2", C: null },
      tools: [
        { type: "jdk", name: "17", home: null },
        { type: "jdk", name: "21", home: "/opt/21" },
      ],
    },
  });
  expect(templateOf(child, [base, child]).nodeProperties).toEqual({
    env: { A: "1", B: "2" },
    tools: [
      { type: jdk, name: "21", home: "/opt/21" },
      { type: "hudson.plugins.git.GitTool$DescriptorImpl", name: "21", home: "/git" },
    ],
  });
  expect(templateOf(entry({ name: "heir", inheritFrom: ["base"] }), [base]).nodeProperties.env).toEqual({
    A: "1",
    B: "1",
    C: "1",
  });
});

describe("what is wrong is told where it is", () => {
  const typeRule =
    "must be one of ant, git, gradle, jdk, maven, nodejs, or the class of a tool's descriptor, such as hudson.model.JDK$DescriptorImpl; correct it";
  test.each<[unknown, string, string]>([
    [{ env: { "a b": "1" } }, "env.a b", "is no name of an environment variable; correct it"],
    [{ tools: [{ type: "java", name: "21", home: "/j" }] }, "tools.0.type", typeRule],
    [{ tools: [{ name: "21", home: "/j" }] }, "tools.0.type", typeRule],
    [{ tools: [{ type: "a.b@c", name: "21", home: "/j" }] }, "tools.0.type", typeRule],
    [{ tools: [{ type: "constructor", name: "21", home: "/j" }] }, "tools.0.type", typeRule],
    [
      { tools: [{ type: "jdk", name: "", home: "/j" }] },
      "tools.0.name",
      "must be the tool's name in the master's configuration; correct it",
    ],
    [
      { tools: [{ type: "jdk", name: "21", home: "a\nb" }] },
      "tools.0.home",
      "must be the folder or program where the tool is; correct it",
    ],
  ])("%j", (nodeProperties, path, rule) => {
    const { error } = templateEntrySchema.safeParse({ name: "a", nodeProperties });
    const told = error?.issues.map((issue) => {
      const at = issue.path.join(".").replace(/^nodeProperties\./, "");
      return [at, issue.code === "invalid_key" ? issue.issues[0]?.message : issue.message];
    });
    expect(told).toEqual([[path, rule]]);
  });
});
