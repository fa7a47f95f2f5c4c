import { existsSync, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { processStart } from "../process/process-start.ts";
import { type ControlPlane, startControlPlane } from "./control-plane.ts";
import { newToken } from "./token-file.ts";

const STRANGER = { token: newToken(), user: "stranger" };
const SERVICE = {
  token: newToken(),
  user: "system:serviceaccount:kubestack:api",
  groups: ["system:serviceaccounts", "system:serviceaccounts:kubestack"],
};
const PARTS = ["etcd", "kube-apiserver", "kube-scheduler", "kube-controller-manager"];

let cluster: ControlPlane;

beforeAll(async () => {
  cluster = await startControlPlane({ tokens: [STRANGER, SERVICE] });
});

afterAll(() => cluster?.stop());

function pod(name: string): object {
  return { metadata: { name }, spec: { containers: [{ name: "main", image: "example.org/none" }] } };
}

test("the administrator makes a namespace over https", async () => {
  const made = await cluster.call("/api/v1/namespaces", { method: "POST", body: { metadata: { name: "made-here" } } });
  expect(made.status).toBe(201);
  await expect(
    cluster.json("/api/v1/namespaces", { method: "POST", body: { metadata: { name: "made-here" } } }),
  ).rejects.toThrow(/409.*already exists/);
});

test.each([
  ["nobody", () => ""],
  ["an unknown token", () => newToken()],
  ["a user without rights", () => STRANGER.token],
])("%s may not list namespaces", async (_who, token) => {
  const answer = await cluster.call("/api/v1/namespaces", { token: token() });
  expect([401, 403]).toContain(answer.status);
});

test("a service's token has the rights that RBAC gives to its service account, and no more", async () => {
  const rbac = "/apis/rbac.authorization.k8s.io/v1/namespaces/default";
  const rules = [{ apiGroups: [""], resources: ["pods"], verbs: ["create"] }];
  const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "launcher" };
  const subjects = ["api", "supervisor"].map((name) => ({ kind: "ServiceAccount", namespace: "kubestack", name }));
  await cluster.json(`${rbac}/roles`, { method: "POST", body: { metadata: { name: "launcher" }, rules } });
  await cluster.json(`${rbac}/rolebindings`, {
    method: "POST",
    body: { metadata: { name: "launcher" }, roleRef, subjects },
  });
  const requested = await cluster.serviceAccountToken({ namespace: "kubestack", name: "supervisor" });
  for (const [name, token] of Object.entries({ fixed: SERVICE.token, requested })) {
    // the authorizer reads new bindings from a watch
    await vi.waitFor(
      async () => {
        const made = await cluster.call("/api/v1/namespaces/default/pods", { method: "POST", body: pod(name), token });
        expect([201, 409]).toContain(made.status);
      },
      { timeout: 10_000 },
    );
    expect((await cluster.call("/api/v1/namespaces/default/pods", { token })).status).toBe(403);
  }
});

test("a pod without a node is marked as such by the scheduler", async () => {
  const path = "/api/v1/namespaces/default/pods";
  await cluster.json(path, { method: "POST", body: pod("homeless") });
  await vi.waitFor(
    async () => {
      const shown = (await cluster.json(`${path}/homeless`)) as {
        status: { conditions?: { type: string; reason?: string }[] };
      };
      expect(shown.status.conditions).toContainEqual(
        expect.objectContaining({ type: "PodScheduled", reason: "Unschedulable" }),
      );
    },
    { timeout: 20_000 },
  );
});

test("no token is on a command line, and the files that hold them are for the owner only", async () => {
  for (const name of PARTS) {
    const line = await readFile(`/proc/${cluster.process(name)?.pid}/cmdline`, "utf8");
    for (const token of [cluster.adminToken, STRANGER.token, SERVICE.token]) expect(line).not.toContain(token);
  }
  const files = [join(cluster.dir, "tokens.csv"), cluster.adminKubeconfig, await cluster.kubeconfigFor("t", "other")];
  for (const file of files) expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(statSync(cluster.dir).mode & 0o777).toBe(0o700);
});

test("the API server comes back at the same address with everything it knew", async () => {
  await cluster.stopApiServer();
  await expect(cluster.call("/readyz")).rejects.toThrow(/not answered/);
  await cluster.startApiServer();
  expect((await cluster.call("/api/v1/namespaces/default")).status).toBe(200);
});

test("scheduler and controller manager are started anew", async () => {
  const before = cluster.process("kube-scheduler")?.pid ?? 0;
  await cluster.restartControllers();
  expect(processStart(before)).toBe("gone");
  expect(cluster.process("kube-scheduler")?.isRunning()).toBe(true);
  expect(cluster.process("kube-controller-manager")?.isRunning()).toBe(true);
});

test("stop leaves no process and no file", async () => {
  const own = await startControlPlane({ controllers: false });
  const pids = ["etcd", "kube-apiserver"].map((name) => own.process(name)?.pid ?? 0);
  expect(own.process("kube-scheduler")).toBeUndefined();
  expect(pids.map(processStart)).not.toContain("gone");
  await own.stop();
  await own.stop();
  expect(pids.map(processStart)).toEqual(["gone", "gone"]);
  expect(existsSync(own.dir)).toBe(false);
});

test("a server that refuses its flags is told with its own words", async () => {
  const starting = startControlPlane({ controllers: false, apiServerFlags: ["--no-such-flag"] });
  await expect(starting).rejects.toThrow(/kube-apiserver ended before it was ready.*no-such-flag/s);
});
