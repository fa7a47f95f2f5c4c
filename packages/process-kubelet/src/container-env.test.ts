import { expect, test } from "vitest";
import { containerEnv, type FindValues } from "./container-env.ts";
import { podFixture } from "./pod.fixture.ts";
import type { Container } from "./pod.ts";

const kept: Record<string, Record<string, string>> = {
  "secret/token": { value: "/data/s3cret" },
  "configmap/settings": { COLOUR: "red", "bad=key": "x" },
};
const find: FindValues = (kind, name) => kept[`${kind}/${name}`];

function envOf(container: Partial<Container>) {
  const pod = podFixture(container);
  const rewrite = (text: string) => text.replaceAll("/data", "/real");
  const [first] = pod.spec.containers;
  if (first === undefined) throw new Error("the fixture has a container");
  return containerEnv(pod, first, { find, address: { hostIp: "127.0.0.1" }, rewrite });
}

test("later values may refer to earlier ones, and mount paths are replaced only in what the pod spells out", () => {
  const result = envOf({
    envFrom: [{ configMapRef: { name: "settings" } }, { prefix: "S_", secretRef: { name: "token" } }],
    env: [
      { name: "A", value: "$(COLOUR)-$(B)" },
      { name: "B", value: "/data/x" },
      { name: "C", value: "$(B)/y" },
      { name: "TOKEN", valueFrom: { secretKeyRef: { name: "token", key: "value" } } },
      { name: "COLOUR", value: "blue" },
      { name: "UNSET" },
    ],
  });
  expect(result).toEqual({
    ok: true,
    env: {
      COLOUR: "blue",
      S_value: "/data/s3cret",
      A: "red-$(B)",
      B: "/real/x",
      C: "/real/x/y",
      TOKEN: "/data/s3cret",
      UNSET: "",
    },
  });
});

test.each([
  ["metadata.name", "web"],
  ["metadata.namespace", "ci"],
  ["metadata.uid", "u-1"],
  ["metadata.labels['tier']", "one"],
  ["metadata.annotations['absent']", ""],
  ["spec.nodeName", "node-1"],
  ["spec.serviceAccountName", "default"],
  ["status.podIP", "127.0.0.1"],
])("the field %s is %s", (fieldPath, value) => {
  expect(envOf({ env: [{ name: "X", valueFrom: { fieldRef: { fieldPath } } }] })).toEqual({
    ok: true,
    env: { X: value },
  });
});

test.each([
  [{ secretKeyRef: { name: "absent", key: "a" } }, 'secret "absent" not found'],
  [{ secretKeyRef: { name: "token", key: "a" } }, "couldn't find key a in Secret ci/token"],
  [{ secretKeyRef: { name: "token", key: "toString" } }, "couldn't find key toString in Secret ci/token"],
  [{ configMapKeyRef: { name: "settings", key: "a" } }, "couldn't find key a in ConfigMap ci/settings"],
  [{ fieldRef: { fieldPath: "spec.unheardOf" } }, "variable X refers to a field that a process kubelet does not know"],
])("%j cannot be resolved: %s", (valueFrom, message) => {
  expect(envOf({ env: [{ name: "X", valueFrom }] })).toEqual({ ok: false, message });
});

test("what is optional and absent is left out", () => {
  const valueFrom = { secretKeyRef: { name: "absent", key: "a", optional: true } };
  const envFrom = [{ secretRef: { name: "absent", optional: true } }];
  expect(envOf({ env: [{ name: "X", valueFrom }], envFrom })).toEqual({ ok: true, env: {} });
  expect(envOf({ envFrom: [{ secretRef: { name: "absent" } }] })).toEqual({
    ok: false,
    message: 'secret "absent" not found',
  });
});
