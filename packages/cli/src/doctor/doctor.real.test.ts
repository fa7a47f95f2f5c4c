import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Bus, type NatsServer, startNatsServer } from "@kubestack/bus";
import { connectMaster } from "@kubestack/jenkins";
import type { JenkinsSimulator } from "@kubestack/jenkins-simulator";
import {
  type ControlPlane,
  type Hudson,
  natsServerBinary,
  startControlPlane,
  startHudson,
} from "@kubestack/real-parts";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { parseAllDocuments, stringify } from "yaml";
import { connectWorld, serveWorld } from "../world.fixture.ts";
import { jenkinsFor } from "./doctor.fixture.ts";
import type { Finding } from "./finding.ts";

const bin = fileURLToPath(new URL("../../bin/kubestackcmd.js", import.meta.url));
const collections: Readonly<Record<string, (namespace: string) => string>> = {
  Namespace: () => "/api/v1/namespaces",
  ServiceAccount: (namespace) => `/api/v1/namespaces/${namespace}/serviceaccounts`,
  Role: (namespace) => `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}/roles`,
  RoleBinding: (namespace) => `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}/rolebindings`,
};

let dir: string;
let server: NatsServer;
let bus: Bus;
let plane: ControlPlane;
let jenkins: JenkinsSimulator;
let hudson: Hudson;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "kubestack-doctor-"));
  server = await startNatsServer({ binary: await natsServerBinary(), storeDir: join(dir, "nats") });
  bus = await connectWorld(server.url);
  [plane, jenkins, hudson] = await Promise.all([
    startControlPlane({ controllers: false }),
    jenkinsFor(),
    startHudson(),
  ]);
  await hudson.admin.createJob({ name: "shop", label: "maven", script: "true" });
  const text = await readFile(new URL("../../../../deploy/rbac.yaml", import.meta.url), "utf8");
  for (const document of parseAllDocuments(text)) {
    const manifest = document.toJS() as { kind: string; metadata: { namespace?: string } };
    const path = collections[manifest.kind]?.(manifest.metadata.namespace ?? "") ?? "";
    await plane.json(path, { method: "POST", body: manifest });
  }
});

afterAll(async () => {
  await bus?.close();
  await Promise.all([server?.stop(), plane?.stop(), jenkins?.stop(), hudson?.stop()]);
  await rm(dir, { recursive: true, force: true });
});

/** Writes a configuration with both masters, and what a test wants otherwise. */
async function configure(
  name: string,
  { account = "slave-supervisor", token = "token", nats = server.url, url = jenkins.url } = {},
): Promise<string> {
  const kubeconfig = await plane.kubeconfigFor(
    await plane.serviceAccountToken({ namespace: "kubestack", name: account }),
    `${name}-cluster`,
  );
  const tokenFile = join(dir, `${name}.token`);
  await writeFile(tokenFile, `${token}\n`, { mode: 0o600 });
  const file = join(dir, `${name}.yaml`);
  const agentUrl = "http://jenkins.ci.svc:8080/";
  await writeFile(
    file,
    stringify({
      nats: { servers: [nats] },
      kubernetes: { namespace: "ci-agents", kubeconfig },
      masters: [
        { name: "backend", url, agentUrl, user: "ci-bot", token: `file:${tokenFile}` },
        { name: "old", url: hudson.url, agentUrl, user: hudson.user, password: `file:${hudson.passwordFile}` },
      ],
      templates: [{ name: "maven", labels: ["maven", "linux"], image: "registry.example.org/maven:1" }],
    }),
  );
  return file;
}

type Hook = (child: ChildProcess) => void;

async function doctor(...given: (string | Hook)[]): Promise<{ code: number | null; out: string; err: string }> {
  const args = given.filter((one) => typeof one === "string");
  const env = { KUBESTACK_CACHE: dir, HOME: dir, PATH: "/usr/bin:/bin" };
  const child = spawn(process.execPath, [bin, "doctor", ...args], { env, stdio: ["ignore", "pipe", "pipe"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  for (const hook of given) if (typeof hook === "function") hook(child);
  let [out, err] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    out += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    err += text;
  });
  return new Promise((resolve) => child.once("close", (code) => resolve({ code, out, err })));
}

async function hudsonNodes(): Promise<string[]> {
  const auth = { kind: "password", read: async () => hudson.password } as const;
  const master = connectMaster({ name: "old", url: hudson.url, user: hudson.user, auth });
  onTestFinished(() => master.close());
  return (await master.readComputers()).computers.map(({ name }) => name);
}

/** Whose lines say WARN or FAIL. */
const troubles = (out: string) => out.split("\n").filter((line) => /^(WARN|FAIL)/.test(line));

describe("against a real NATS, the API server under the shipped rights, a simulated Jenkins and a real Hudson", () => {
  test("all is well, and nothing of the examination is left", async () => {
    const end = await serveWorld(bus, Date.now());
    onTestFinished(end);
    const { code, out, err } = await doctor("--config", await configure("well"));
    expect({ troubles: troubles(out), err }).toEqual({ troubles: [], err: "" });
    expect(code).toBe(0);
    expect(out).toMatch(/^ok {4}nats {5}nats-server 2\.\d+\.\d+ with JetStream .*, clock [+-]/m);
    expect(out).toMatch(/^ok {4}cluster {2}Kubernetes v1.* as system:serviceaccount:kubestack:slave-supervisor$/m);
    expect(out).toMatch(/^ok {4}master {3}old: Hudson 3\.3\.2, clock .*TCP agents on \d+$/m);
    expect(out).toMatch(/^ok {4}labels {3}old: labels are told by a job's configuration, the sentence/m);
    expect(out.match(/Agent\/{Connect,Create,Delete,Disconnect} \(tried/g)).toHaveLength(2);
    expect(out.endsWith("0 failed, 0 warnings\n")).toBe(true);
    expect((await hudsonNodes()).filter((name) => name.startsWith("ks-"))).toEqual([]);
  });

  test("a wrong token, an account without rights and a NATS that is gone are told side by side, each with its remedy", async () => {
    const file = await configure("ill", { account: "api", token: "wrong", nats: "nats://127.0.0.1:1" });
    const { code, out } = await doctor("backend", "--config", file, "-o", "json");
    expect(code).toBe(1);
    const { findings, summary } = JSON.parse(out) as { findings: Finding[]; summary: string };
    const failed = findings.filter(({ level }) => level === "FAIL");
    const areas = failed.map(({ area }) => area);
    expect(areas).toEqual(["nats", "cluster", "cluster", "cluster", "cluster", "cluster", "master"]);
    for (const { fix } of failed) expect(fix.length).toBeGreaterThan(0);
    expect(failed.at(-1)?.sentence).toContain("refused the token of user ci-bot");
    expect(out).not.toContain("wrong\n");
    expect(failed[1]?.fix[0]).toContain(
      '{apiGroups: [""], resources: [pods], verbs: [create, get, list, watch, delete]}',
    );
    expect(summary).toBe("7 failed, 1 warning");
  });

  test("Ctrl-C in the middle: the trial node goes first", async () => {
    const clear = jenkins.faults.add({ on: /changeOfflineCause/, fault: { kind: "held", ms: 1000 } });
    onTestFinished(clear);
    const isTrial = (name: string) => name.startsWith("ks-doctor-");
    const nodes = () => [...jenkins.core.state.nodes.keys()].filter(isTrial);
    const file = await configure("left");
    let child: ChildProcess | undefined;
    const ended = doctor("backend", "--config", file, (started) => {
      child = started;
    });
    await jenkins.until(() => nodes().length > 0, 20_000);
    child?.kill("SIGINT");
    const { code, out } = await ended;
    expect(code).toBe(1);
    expect(out).toContain("backend: interrupted: not every right was tried");
    expect(nodes()).toEqual([]);
  });

  test("an address where nobody is", async () => {
    const file = await configure("nowhere", { url: "http://127.0.0.1:1/" });
    const { code, out } = await doctor("backend", "--read-only", "--config", file);
    expect(code).toBe(1);
    expect(out).toMatch(/^FAIL {2}master {3}Master backend refuses connections/m);
    expect(out).toMatch(/^ {6}fix {6}see that the master runs, and that masters\[backend\]\.url reaches it/m);
  });
});

describe("what it needs", () => {
  test("a configuration", async () => {
    expect(await doctor()).toMatchObject({
      code: 1,
      out: "",
      err: expect.stringMatching(/^kubestackcmd: doctor examines what the configuration names.*--config FILE.*\n$/),
    });
  });

  test("a sound one: its faults are what is to be mended", async () => {
    const file = join(dir, "faulty.yaml");
    await writeFile(file, "kubernetes: {namespace: ci}\nmasters: []\ntemplates: []\n");
    const { code, out } = await doctor("--config", file);
    expect(code).toBe(1);
    expect(out).toMatch(/^FAIL {2}config /);
    expect(out).toContain("must name at least one master");
    expect(out).toContain("1 failed, 0 warnings; nothing else is examined without a sound configuration");
  });

  test("a master that it knows", async () => {
    const { code, err } = await doctor("mobile", "--config", await configure("other"));
    expect(code).toBe(1);
    expect(err).toBe("kubestackcmd: The configuration has no master 'mobile'; it has backend, old.\n");
  });
});
