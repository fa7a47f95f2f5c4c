import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { accessTo, type ClusterSource } from "./cluster-source.ts";

let folder: string;

const kubeconfig = (currentContext: string) => `
apiVersion: v1
kind: Config
clusters: [{name: one, cluster: {server: "https://one:6443"}}, {name: two, cluster: {server: "https://two:6443"}}]
users: [{name: u, user: {token: t}}]
contexts: [{name: first, context: {cluster: one, user: u}}, {name: second, context: {cluster: two, user: u}}]
current-context: ${currentContext}
`;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "kubestack-kubeconfig-"));
  await writeFile(join(folder, "good"), kubeconfig("first"));
  await writeFile(join(folder, "no-context"), kubeconfig("missing"));
  await writeFile(join(folder, "broken"), "users: [{name: u, user: {token: very-secret}}]\nclusters: [");
});

afterAll(() => rm(folder, { recursive: true }));

const fromFile = (name: string, context?: string) =>
  accessTo({ kind: "kubeconfig", path: join(folder, name), ...(context === undefined ? {} : { context }) });

test("the current context is used, or the one that is named", () => {
  expect(fromFile("good").server).toBe("https://one:6443");
  expect(fromFile("good", "second").server).toBe("https://two:6443");
});

test.each([
  [() => fromFile("good", "third"), /kubernetes.context: "third" is not in the kubeconfig; it has first, second/],
  [() => fromFile("absent"), /kubernetes.kubeconfig: .*absent cannot be read \(ENOENT/],
  [() => fromFile("broken"), /kubernetes.kubeconfig: .*broken cannot be read \(no valid YAML at line \d\)/],
  [() => fromFile("no-context"), /names no cluster; set kubernetes.context/],
])("what cannot be used is invalid-config and says which key to correct (%#)", (load, message) => {
  expect(load).toThrow(expect.objectContaining({ code: "invalid-config", message: expect.stringMatching(message) }));
});

test("a file that is no YAML is not quoted: its lines are credentials", () => {
  const error = (() => {
    try {
      fromFile("broken");
    } catch (caught) {
      return inspect(caught);
    }
    return "";
  })();
  expect(error).toContain("cannot be read");
  expect(error).not.toContain("very-secret");
});

test.each(["http://10.0.0.1:8080", "https://user:pw@host", "host:6443", "ftp://host"])(
  "a token is never sent to %s",
  (url) => {
    const source: ClusterSource = { kind: "url", url, token: () => "t" };
    expect(() => accessTo(source)).toThrow(expect.objectContaining({ code: "invalid-config" }));
  },
);
