import { expect, test } from "vitest";
import { podFixture } from "./pod.fixture.ts";
import type { Volume } from "./pod.ts";
import { type FindBytes, refusalOf, volumeContent } from "./volume-files.ts";

const kept: Record<string, Record<string, Uint8Array>> = {
  "secret/agent": { secret: Buffer.from("s3cret") },
  "configmap/app": { a: Buffer.from("1"), b: Buffer.from("2") },
};
const find: FindBytes = (kind, name) => kept[`${kind}/${name}`];

function contentOf(volume: Volume) {
  const found = volumeContent(podFixture(), volume, { find, address: { hostIp: "127.0.0.1" } });
  if (!found.ok) return found.message;
  return {
    files: found.files.map((file) => [file.path, Buffer.from(file.content).toString(), file.mode.toString(8)]),
    tokens: found.tokens,
  };
}

test.each<[string, Volume, unknown]>([
  ["an empty folder", { name: "v", emptyDir: {} }, []],
  ["a secret", { name: "v", secret: { secretName: "agent" } }, [["secret", "s3cret", "644"]]],
  [
    "a secret's mode",
    { name: "v", secret: { secretName: "agent", defaultMode: 0o400 } },
    [["secret", "s3cret", "400"]],
  ],
  [
    "chosen keys",
    { name: "v", configMap: { name: "app", items: [{ key: "b", path: "deep/b", mode: 0o600 }] } },
    [["deep/b", "2", "600"]],
  ],
  ["what is optional", { name: "v", secret: { secretName: "absent", optional: true } }, []],
  [
    "fields",
    { name: "v", downwardAPI: { items: [{ path: "labels", fieldRef: { fieldPath: "metadata.labels" } }] } },
    [["labels", 'tier="one"', "644"]],
  ],
])("%s", (_what, volume, files) => {
  expect(contentOf(volume)).toEqual({ files, tokens: [] });
});

test("a projected volume gathers its sources", () => {
  const sources = [
    { secret: { name: "agent" } },
    { configMap: { name: "app" } },
    { downwardAPI: { items: [{ path: "name", fieldRef: { fieldPath: "metadata.name" } }] } },
    { serviceAccountToken: { path: "token" } },
  ];
  expect(contentOf({ name: "v", projected: { sources, defaultMode: 0o440 } })).toEqual({
    files: [
      ["secret", "s3cret", "440"],
      ["a", "1", "440"],
      ["b", "2", "440"],
      ["name", "web", "440"],
    ],
    tokens: [{ path: "token" }],
  });
});

test.each<[Volume, string]>([
  [
    { name: "v", secret: { secretName: "absent" } },
    'MountVolume.SetUp failed for volume "v" : secret "absent" not found',
  ],
  [
    { name: "v", configMap: { name: "app", items: [{ key: "c", path: "c" }] } },
    'MountVolume.SetUp failed for volume "v" : references non-existent configmap key: ci/app:c',
  ],
  [
    { name: "v", configMap: { name: "app", items: [{ key: "a", path: "../a" }] } },
    'volume "v" has the path ../a, which leaves it',
  ],
])("%j fails", (volume, message) => {
  expect(contentOf(volume)).toBe(message);
});

test("what needs a real file system or a sidecar is refused", () => {
  const hostPath = { name: "h", hostPath: { path: "/" } } as Volume;
  expect(refusalOf(podFixture({}, { volumes: [{ name: "a", emptyDir: {} }, hostPath] }))).toContain(
    "is a hostPath volume",
  );
  expect(refusalOf(podFixture({}, { initContainers: [{ name: "i", restartPolicy: "Always" }] }))).toContain('"i"');
  expect(refusalOf(podFixture({}, { volumes: [{ name: "a", emptyDir: {} }] }))).toBeUndefined();
});
