import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hasCode, type SecretReference } from "@kubestack/contracts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readSecret } from "./secrets.ts";

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "kubestack-secrets-"));
  await Promise.all([
    writeFile(join(dir, "token"), "hunter2\n"),
    writeFile(join(dir, "dos"), "hunter2\r\n"),
    writeFile(join(dir, "inner"), "two\nlines\n\n"),
    writeFile(join(dir, "empty"), "\n"),
    writeFile(
      join(dir, "many.yaml"),
      "jenkins: {user: ann, pass: &p hunter2}\nkubernetes: {api_key: 0123}\nlist: [{}, {pass: second}]\nagain: *p\nblock: |\n  two\n  lines\nnone:\n",
    ),
    writeFile(join(dir, "broken.yaml"), "jenkins:\n  pass: [hunter2\n"),
    writeFile(join(dir, "a#b.json"), '{"jenkins": {"pass": "hunter#2"}}'),
    writeFile(join(dir, "large"), Buffer.alloc(1024 * 1024 + 1)),
  ]);
});
afterAll(() => rm(dir, { recursive: true, force: true }));

const sources = {
  environment: { T: "from-env", EMPTY: "" },
  kubernetes: async (secret: string, key: string) => (secret === "s" && key === "k" ? "from-cluster\n" : undefined),
};

describe("a secret", () => {
  test.each<[string, string]>([
    ["token", "hunter2"],
    ["dos", "hunter2"],
    ["inner", "two\nlines\n"],
  ])("in file %s loses one line end only", async (name, text) => {
    expect(await readSecret(`file:${join(dir, name)}`, sources)).toBe(text);
  });

  test.each<[string, string]>([
    ["jenkins.pass", "hunter2"],
    ["kubernetes.api_key", "0123"],
    ["list.1.pass", "second"],
    ["again", "hunter2"],
    ["block", "two\nlines"],
  ])("stands at key %s of a YAML file", async (key, text) => {
    expect(await readSecret(`file:${join(dir, "many.yaml")}#${key}`, sources)).toBe(text);
  });

  test("stands at a key of a JSON file", async () => {
    expect(await readSecret(`file:${join(dir, "a#b.json")}#jenkins.pass`, sources)).toBe("hunter#2");
  });

  test("comes from the environment and from the cluster", async () => {
    expect(await readSecret("env:T", sources)).toBe("from-env");
    expect(await readSecret({ secret: "s", key: "k" }, sources)).toBe("from-cluster");
  });

  test("is read anew at each call: it may be changed", async () => {
    const file = join(dir, "changing");
    await writeFile(file, "one");
    expect(await readSecret(`file:${file}`, sources)).toBe("one");
    await writeFile(file, "two");
    expect(await readSecret(`file:${file}`, sources)).toBe("two");
  });

  test.each<[SecretReference | (() => SecretReference), string]>([
    ["env:NONE", "environment variable NONE is not set; set it"],
    ["env:EMPTY", "environment variable EMPTY is not set; set it"],
    [() => `file:${join(dir, "none")}`, "can't be read (ENOENT"],
    [() => `file:${dir}`, "can't be read (EISDIR"],
    [() => `file:${join(dir, "empty")}`, "is empty; write the secret into it"],
    [() => `file:${join(dir, "large")}`, "is too large to hold a secret; correct the path"],
    [() => `file:${join(dir, "none")}#a`, "none can't be read (ENOENT"],
    [() => `file:${join(dir, "large")}#a`, "large is too large to hold a secret; correct the path"],
    [() => `file:${join(dir, "many.yaml")}#jenkins.pas`, "key jenkins.pas of file"],
    [() => `file:${join(dir, "many.yaml")}#jenkins.pas`, "is not there; write the secret there, or correct the key."],
    [() => `file:${join(dir, "many.yaml")}#jenkins.toString`, "is not there; write the secret there"],
    [() => `file:${join(dir, "many.yaml")}#jenkins.user.first`, "is not there; write the secret there"],
    [() => `file:${join(dir, "many.yaml")}#list.7.pass`, "is not there; write the secret there"],
    [() => `file:${join(dir, "many.yaml")}#`, "is not there; write the secret there"],
    [() => `file:${join(dir, "many.yaml")}#jenkins`, "is no text but holds others; name the one that is meant"],
    [() => `file:${join(dir, "many.yaml")}#none`, "many.yaml is empty; write the secret into it"],
    [() => `file:${join(dir, "broken.yaml")}#jenkins.pass`, "line 3 is neither YAML nor JSON; correct it"],
    [{ secret: "s", key: "other" }, "Kubernetes Secret s with key other is not there; create it"],
  ])("that is missing is told in a sentence: %j", async (reference, sentence) => {
    const asked = readSecret(typeof reference === "function" ? reference() : reference, sources);
    await expect(asked).rejects.toSatisfy(
      (error) =>
        hasCode(error, "invalid-config") && error.message.includes(sentence) && !error.message.includes("hunter2"),
    );
  });

  test("in the cluster says so where no cluster is there to be asked", async () => {
    await expect(readSecret({ secret: "s", key: "k" }, { environment: {} })).rejects.toThrow("no cluster");
  });
});
