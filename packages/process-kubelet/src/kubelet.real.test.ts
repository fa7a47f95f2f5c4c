import { access, readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { ProcessKubelet } from "./kubelet.ts";
import { startWorld, type World } from "./node.fixture.ts";
import type { Pod } from "./pod.ts";
import { isAlive } from "./process-alive.fixture.ts";

let world: World;
let node: ProcessKubelet & { root: string; lines: string[] };

beforeAll(async () => {
  world = await startWorld();
  node = await world.startNode("node-a");
});
afterAll(() => world?.stop());

const phase = (wanted: string) => (pod: Pod) => expect(pod.status?.phase).toBe(wanted);
const main = (pod: Pod) => pod.status?.containerStatuses?.[0];

async function eventsOf(name: string): Promise<string[]> {
  const path = `/api/v1/namespaces/default/events?fieldSelector=involvedObject.name%3D${name}`;
  const list = (await world.plane.json(path)) as { items: { reason: string; message: string }[] };
  return list.items.map((event) => `${event.reason}: ${event.message}`);
}

function pidOf(name: string): number {
  const found = node.running().find((one) => one.pod === name);
  if (found === undefined) throw new Error(`no process of ${name}`);
  return found.pid;
}

test("the node is there with its machine's size, ready, and renews its lease", async () => {
  const found = (await world.plane.json("/api/v1/nodes/node-a")) as {
    metadata: { labels: Record<string, string> };
    status: { capacity: Record<string, string>; conditions: { type: string; status: string }[] };
  };
  expect(Number(found.status.capacity.cpu)).toBeGreaterThanOrEqual(1);
  expect(found.status.capacity.pods).toBe("110");
  expect(found.metadata.labels["kubernetes.io/hostname"]).toBe("node-a");
  expect(found.status.conditions.find((one) => one.type === "Ready")?.status).toBe("True");
  const lease = await world.plane.call("/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/node-a");
  expect(JSON.parse(lease.body)).toMatchObject({ spec: { holderIdentity: "node-a", leaseDurationSeconds: 40 } });
});

test("a pod runs, succeeds, and its log is read through the API server", async () => {
  await world.create("good", 'echo "hello $NAME"; echo two; echo three >&2', {
    container: { env: [{ name: "NAME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } }] },
  });
  const pod = await world.until("good", phase("Succeeded"));
  expect(main(pod)).toMatchObject({ state: { terminated: { exitCode: 0, reason: "Completed" } }, restartCount: 0 });
  expect(main(pod)?.imageID).toMatch(/sha256:/);
  expect(pod.status).toMatchObject({ podIP: "127.0.0.1", hostIP: "127.0.0.1", startTime: expect.any(String) });
  const conditions = Object.fromEntries(pod.status?.conditions?.map((one) => [one.type, one.status]) ?? []);
  expect(conditions).toMatchObject({
    PodScheduled: "True",
    Initialized: "True",
    Ready: "False",
    ContainersReady: "False",
  });
  expect(await world.log("good")).toBe("hello good\ntwo\nthree\n");
  expect(await world.log("good", "tailLines=1&timestamps=true")).toMatch(/^\d{4}-\S+Z three\n$/);
  expect(await world.log("good", "limitBytes=5")).toBe("hello");
  const seen = await vi.waitFor(async () => {
    const events = await eventsOf("good");
    expect(events.join("\n")).toContain("Started: ");
    return events;
  });
  expect(seen.join("\n")).toContain("Created: ");
  expect(seen.join("\n")).toContain("already present on machine");
  await world.remove("good");
  await world.untilGone("good");
  await vi.waitFor(() => expect(access(join(node.root, "pods", pod.metadata.uid))).rejects.toThrow());
});

test("a pod that fails says how", async () => {
  await world.create("bad", "echo oops; exit 7");
  const pod = await world.until("bad", phase("Failed"));
  expect(main(pod)?.state.terminated).toMatchObject({ exitCode: 7, reason: "Error" });
});

test("a command that is not there ends with a start error", async () => {
  await world.create("wrong", "", { container: { command: ["no-such-program"] } });
  const pod = await world.until("wrong", phase("Failed"));
  expect(main(pod)?.state.terminated).toMatchObject({ exitCode: 128, reason: "StartError" });
  expect(main(pod)?.state.terminated?.message).toContain("executable file not found");
});

test("an image that nobody knows is pulled for ever, until the pod is deleted", async () => {
  await world.create("unknown", "", { container: { image: "example.org/nope:1" } });
  const first = await world.until("unknown", (pod) => expect(main(pod)?.state.waiting?.reason).toBe("ErrImagePull"));
  expect(main(first)?.state.waiting?.message).toContain("example.org/nope:1: not found");
  expect(first.status?.phase).toBe("Pending");
  await world.until("unknown", (pod) => expect(main(pod)?.state.waiting?.reason).toBe("ImagePullBackOff"));
  await vi.waitFor(async () =>
    expect((await eventsOf("unknown")).join("\n")).toContain("BackOff: Back-off pulling image"),
  );
  await world.remove("unknown");
  await world.untilGone("unknown", 3_000);
});

test("an image that takes time is waited for once", async () => {
  await world.create("slow", "", { container: { image: "slow", args: [] } });
  await world.until("slow", phase("Succeeded"));
  await vi.waitFor(async () => expect((await eventsOf("slow")).join("\n")).toContain("Successfully pulled image"));
});

test("a Secret that comes after the pod is mounted at once, and its path is where the pod says", async () => {
  await world.create("late", 'cat "$FILE"; stat -c %a /var/run/agent/key', {
    container: {
      env: [{ name: "FILE", value: "/var/run/agent/key" }],
      volumeMounts: [{ name: "agent", mountPath: "/var/run/agent" }],
    },
    spec: { volumes: [{ name: "agent", secret: { secretName: "late", defaultMode: 0o400 } }] },
  });
  await vi.waitFor(
    async () => expect((await eventsOf("late")).join("\n")).toContain('secret "late" not found'),
    10_000,
  );
  expect(main((await world.get("late")) as Pod)?.state.waiting?.reason).toBe("ContainerCreating");
  const made = performance.now();
  const secret = { metadata: { name: "late" }, stringData: { key: "s3cret\n" } };
  await world.plane.json("/api/v1/namespaces/default/secrets", { method: "POST", body: secret });
  await world.until("late", (pod) => expect(main(pod)?.state.waiting).toBeUndefined());
  // About 50 ms on an idle machine; far less than a second even on a busy one.
  expect(performance.now() - made).toBeLessThan(1_000);
  await world.until("late", phase("Succeeded"));
  expect(await world.log("late")).toBe("s3cret\n400\n");
});

test("init containers run first, one after the other, and share volumes with the others", async () => {
  const init = (name: string) => ({
    name,
    image: "shell",
    args: [`echo ${name} >> /shared/order`],
    volumeMounts: [{ name: "shared", mountPath: "/shared" }],
  });
  await world.create("staged", "cat /shared/order", {
    container: { volumeMounts: [{ name: "shared", mountPath: "/shared" }] },
    spec: { initContainers: [init("one"), init("two")], volumes: [{ name: "shared", emptyDir: {} }] },
  });
  await world.until("staged", phase("Succeeded"));
  expect(await world.log("staged")).toBe("one\ntwo\n");
});

test("a pod with a service account's token gets all of its mount", async () => {
  const dir = "/var/run/secrets/kubernetes.io/serviceaccount";
  await world.create("account", `cat ${dir}/namespace; test -s ${dir}/token && test -s ${dir}/ca.crt && echo " all"`, {
    spec: { automountServiceAccountToken: true },
  });
  await world.until("account", phase("Succeeded"));
  expect(await world.log("account")).toBe("default all\n");
});

test("a deleted pod may end in its own way within its grace", async () => {
  await world.create("polite", "trap 'echo bye; exit 0' TERM; echo ready; while :; do sleep 0.05; done");
  await vi.waitFor(async () => expect(await world.log("polite")).toBe("ready\n"), 10_000);
  const pod = await world.until("polite", phase("Running"));
  expect(pod.status?.conditions?.find((one) => one.type === "Ready")?.status).toBe("True");
  const pid = pidOf("polite");
  const states: string[] = [];
  const watching = new AbortController();
  const stream = await world.cluster.openStream({
    method: "GET",
    path: "/api/v1/namespaces/default/pods",
    query: { watch: true, fieldSelector: "metadata.name=polite" },
    signal: watching.signal,
  });
  let text = "";
  const reading = (async () => {
    for await (const chunk of stream.chunks) text += Buffer.from(chunk).toString();
  })().catch(() => undefined);
  await world.remove("polite", 20);
  await world.untilGone("polite", 5_000);
  expect(isAlive(pid)).toBe(false);
  await vi.waitFor(() => expect(text).toContain('"DELETED"'));
  watching.abort();
  await reading;
  for (const line of text.split("\n").filter((one) => one !== "")) {
    const event = JSON.parse(line) as { type: string; object: Pod };
    states.push(
      `${event.type} ${event.object.status?.phase} ${main(event.object)?.state.terminated?.exitCode ?? ""}`.trim(),
    );
  }
  // The final status is there to be read before the pod is gone.
  expect(states.at(-1)).toBe("DELETED Succeeded 0");
  expect(states).toContain("MODIFIED Succeeded 0");
  await vi.waitFor(async () =>
    expect((await eventsOf("polite")).join("\n")).toContain("Killing: Stopping container main"),
  );
});

test("a pod that does not listen is killed when its grace is over", async () => {
  await world.create("deaf", "trap '' TERM; echo ready; while :; do sleep 0.05; done");
  await vi.waitFor(async () => expect(await world.log("deaf")).toBe("ready\n"), 10_000);
  const pid = pidOf("deaf");
  const begun = performance.now();
  await world.remove("deaf", 1);
  await world.untilGone("deaf", 5_000);
  expect(performance.now() - begun).toBeGreaterThan(900);
  expect(isAlive(pid)).toBe(false);
});

test("a second deletion with less grace is obeyed", async () => {
  await world.create("hurried", "trap '' TERM; echo ready; while :; do sleep 0.05; done");
  await vi.waitFor(async () => expect(await world.log("hurried")).toBe("ready\n"), 10_000);
  await world.remove("hurried", 600);
  await world.until("hurried", (pod) => expect(pod.metadata.deletionTimestamp).toBeDefined());
  await world.remove("hurried", 1);
  await world.untilGone("hurried", 6_000);
});

test("a pod deleted by force is killed at once", async () => {
  await world.create("forced", "trap '' TERM; echo ready; while :; do sleep 0.05; done");
  await vi.waitFor(async () => expect(await world.log("forced")).toBe("ready\n"), 10_000);
  const pid = pidOf("forced");
  await world.remove("forced", 0);
  await vi.waitFor(() => expect(isAlive(pid)).toBe(false), 3_000);
  await vi.waitFor(async () => expect(await readdir(join(node.root, "pods"))).not.toContain("forced"));
});

test("a pod that needs the machine's own folders is refused in words", async () => {
  await world.create("host", "", { spec: { volumes: [{ name: "h", hostPath: { path: "/" } }] } });
  const pod = (await world.until("host", phase("Failed"))) as Pod & { status: { message: string } };
  expect(pod.status.message).toContain("hostPath volume");
});

test("a pod that may not take so long is ended", async () => {
  await world.create("long", "sleep 600", { spec: { activeDeadlineSeconds: 1 } });
  const pod = (await world.until("long", phase("Failed"))) as Pod & { status: { reason: string } };
  expect(pod.status.reason).toBe("DeadlineExceeded");
  await vi.waitFor(() => expect(node.running().some((one) => one.pod === "long")).toBe(false), 5_000);
});

test("a pod that is told to end while it runs is stopped, and stays there", async () => {
  await world.create("stopped", "trap 'exit 3' TERM; sleep 600 & wait");
  await world.until("stopped", phase("Running"));
  const { uid } = (await world.until("stopped", phase("Running"))).metadata;
  const annotations = { "kubestack.io/retained-until": "2026-12-01T08:00:00.000Z" };
  expect(await world.cluster.stopPod("default", "stopped", { uid: "another", annotations })).toBe("not-this-one");
  expect(await world.cluster.stopPod("default", "stopped", { uid, annotations })).toBe("accepted");
  const pod = (await world.until("stopped", phase("Failed"))) as Pod & { status: { reason: string } };
  expect(pod.status.reason).toBe("DeadlineExceeded");
  await vi.waitFor(() => expect(node.running().some((one) => one.pod === "stopped")).toBe(false), 5_000);
});

test("a container is ready when its probe says so", async () => {
  await world.create("probed", "sleep 0.3; touch /shared/ok; sleep 600", {
    container: {
      volumeMounts: [{ name: "shared", mountPath: "/shared" }],
      readinessProbe: { exec: { command: ["test", "-f", "ok"] }, periodSeconds: 1 },
      workingDir: "/shared",
    },
    spec: { volumes: [{ name: "shared", emptyDir: {} }], terminationGracePeriodSeconds: 1 },
  });
  await world.until("probed", (pod) => expect(main(pod)).toMatchObject({ ready: false, started: true }));
  await world.until("probed", (pod) => expect(main(pod)?.ready).toBe(true));
  await world.remove("probed");
  await world.untilGone("probed");
});

test("a container that may is started again, later and later", async () => {
  const second = await world.startNode("node-again", { timings: { firstBackoffMs: 50 }, labels: { again: "yes" } });
  await world.create("again", "echo once more; exit 1", {
    spec: { restartPolicy: "OnFailure", nodeSelector: { again: "yes" } },
  });
  await world.until("again", (pod) => expect(main(pod)?.restartCount).toBeGreaterThanOrEqual(2));
  expect(await world.log("again", "previous=true")).toBe("once more\n");
  await second.stop();
  expect((await world.plane.call("/api/v1/nodes/node-again")).status).toBe(404);
});

test("a log is followed to the container's end", async () => {
  await world.create("talker", "for n in 1 2 3; do echo $n; sleep 0.1; done");
  await world.until("talker", (pod) => expect(main(pod)?.state).toSatisfy((state) => state && !state.waiting));
  expect(await world.log("talker", "follow=true")).toBe("1\n2\n3\n");
});

test("the scheduler gives a node no more than it has", async () => {
  const small = await world.startNode("node-small", { capacity: { cpu: "1" }, labels: { size: "small" } });
  const more = {
    container: { resources: { requests: { cpu: "700m" } } },
    spec: { nodeSelector: { size: "small" }, terminationGracePeriodSeconds: 1 },
  };
  await world.create("first", "sleep 600", more);
  await world.until("first", phase("Running"));
  await world.create("second", "sleep 600", more);
  const waiting = await world.until("second", (pod) =>
    expect(pod.status?.conditions?.find((one) => one.type === "PodScheduled")?.reason).toBe("Unschedulable"),
  );
  expect(waiting.spec.nodeName).toBeUndefined();
  await world.remove("first");
  await world.until("second", phase("Running"));
  await small.stop({ removeNode: false });
  const left = (await world.plane.json("/api/v1/nodes/node-small")) as {
    status: { conditions: { type: string; status: string }[] };
  };
  expect(left.status.conditions.find((one) => one.type === "Ready")?.status).toBe("False");
  expect((await world.get("second"))?.status).toMatchObject({ phase: "Failed", reason: "Terminated" });
});

test("after a crash the node comes back and says that its pods are lost", async () => {
  const before = await world.startNode("node-crash", { labels: { crash: "yes" } });
  await world.create("lost", "sleep 600", { spec: { nodeSelector: { crash: "yes" } } });
  await world.until("lost", phase("Running"));
  const [running] = before.running();
  await before.stop({ crash: true });
  expect(running === undefined || isAlive(running.pid)).toBe(false);
  expect((await world.get("lost"))?.status?.phase).toBe("Running");
  await world.startNode("node-crash", { labels: { crash: "yes" }, root: before.root });
  const pod = await world.until("lost", phase("Failed"));
  expect(main(pod)?.state.terminated).toMatchObject({ exitCode: 137, reason: "ContainerStatusUnknown" });
  await world.remove("lost");
  await world.untilGone("lost");
});

test("nothing went wrong that was worth a line", () => {
  expect(node.lines).toEqual([]);
});
