import { expect, test } from "vitest";
import { findImage, fullImageName, imageId, pullFailure } from "./image-table.ts";

const images = { "busybox:1.36": { entrypoint: ["sh"] }, "example.org/ci/agent": { entrypoint: ["agent"] } };

test.each([
  ["busybox", "docker.io/library/busybox:latest"],
  ["jenkins/inbound-agent:3", "docker.io/jenkins/inbound-agent:3"],
  ["example.org/a/b", "example.org/a/b:latest"],
  ["localhost/a", "localhost/a:latest"],
  ["host:5000/a", "host:5000/a:latest"],
  ["a@sha256:00", "docker.io/library/a@sha256:00"],
])("%s is in full %s", (name, full) => {
  expect(fullImageName(name)).toBe(full);
});

test.each([
  ["busybox:1.36", "sh"],
  ["docker.io/library/busybox:1.36", "sh"],
  ["example.org/ci/agent:latest", "agent"],
  ["busybox", undefined],
  ["toString", undefined],
])("%s stands for %s", (name, entrypoint) => {
  expect(findImage(images, name)?.entrypoint[0]).toBe(entrypoint);
});

test("an image's id changes with its entry and keeps its repository", () => {
  const id = imageId("busybox:1.36", { entrypoint: ["sh"] });
  expect(id).toMatch(/^docker\.io\/library\/busybox@sha256:[0-9a-f]{64}$/);
  expect(imageId("busybox:1.36", { entrypoint: ["sh"] })).toBe(id);
  expect(imageId("busybox:1.36", { entrypoint: ["ash"] })).not.toBe(id);
  expect(imageId("host:5000/a", { entrypoint: [] })).toMatch(/^host:5000\/a@sha256:/);
});

test("a failed pull names the image in full", () => {
  expect(pullFailure("nope")).toContain('"docker.io/library/nope:latest": docker.io/library/nope:latest: not found');
});
