import { expect, test } from "vitest";
import { chooseSource, faultOfServer, type GivenAddress, sandboxFile, usualFile } from "./choose-source.ts";

const cache = { KUBESTACK_CACHE: "/cache" };
const sandbox = "/cache/sandbox/nats";

test.each<[string, GivenAddress, Record<string, string>, string[], object]>([
  ["nothing", {}, cache, [], { kind: "none" }],
  ["the usual file", {}, cache, [usualFile], { kind: "config", file: usualFile }],
  ["a running sandbox first", {}, cache, [usualFile, sandbox], { kind: "sandbox", file: sandbox }],
  ["--config before the sandbox", { config: "a" }, cache, [sandbox], { kind: "config", file: "a" }],
  ["KUBESTACK_CONFIG", {}, { ...cache, KUBESTACK_CONFIG: "b" }, [sandbox], { kind: "config", file: "b" }],
  ["--config over KUBESTACK_CONFIG", { config: "a" }, { KUBESTACK_CONFIG: "b" }, [], { kind: "config", file: "a" }],
  [
    "--nats over all, the usual file unread",
    { nats: ["nats://n"] },
    { ...cache, KUBESTACK_NATS: "nats://e" },
    [usualFile, sandbox],
    { kind: "named", servers: ["nats://n"], config: undefined },
  ],
  [
    "KUBESTACK_NATS over the servers of --config",
    { config: "a" },
    { KUBESTACK_NATS: "nats://e, nats://f" },
    [],
    { kind: "named", servers: ["nats://e", "nats://f"], config: "a" },
  ],
  ["empty variables count as absent", {}, { ...cache, KUBESTACK_NATS: "", KUBESTACK_CONFIG: "" }, [], { kind: "none" }],
])("%s", (_, given, environment, there, expected) => {
  expect(chooseSource(given, environment, (file) => there.includes(file))).toEqual(expected);
});

test.each([
  [{ KUBESTACK_CACHE: "/c" }, "/c/sandbox/nats"],
  [{ XDG_CACHE_HOME: "/x" }, "/x/kubestack/sandbox/nats"],
  [{ HOME: "/home/a" }, "/home/a/.cache/kubestack/sandbox/nats"],
])("the sandbox's file with %j", (environment, file) => {
  expect(sandboxFile(environment)).toBe(file);
});

test.each([
  ["nats://a:4222", undefined],
  ["tls://a", undefined],
  ["http://a", "write it as nats://"],
  ["nats://user:pass@a", "no user or password"],
  ["nats://a b", "write it as nats://"],
])("the address %s", (server, fault) => {
  const found = faultOfServer(server);
  if (fault === undefined) expect(found).toBeUndefined();
  else expect(found).toContain(fault);
});
