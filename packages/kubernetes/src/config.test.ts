import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { kubernetesConfig } from "./config.ts";
import { accessTo } from "./connection/cluster-source.ts";
import { clusterSourceOf } from "./connection/configured-source.ts";

const faultsOf = (value: unknown) =>
  kubernetesConfig.safeParse(value).error?.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`) ?? [];

describe("kubernetesConfig", () => {
  test.each([
    [{ namespace: "ci-agents" }],
    [{ namespace: "ci", kubeconfig: "/etc/kubestack/kubeconfig", context: "prod" }],
    [{ namespace: "ci", context: "prod" }],
    [{ namespace: "ci", url: "https://10.0.0.1:6443", token: "file:/run/token", tls: { ca: "file:/run/ca.pem" } }],
    [{ namespace: "ci", url: "http://127.0.0.1:8001", token: "env:TOKEN", tls: { insecureSkipVerify: true } }],
  ])("takes %j as it stands", (value) => {
    expect(kubernetesConfig.parse(value)).toEqual(value);
  });

  test.each([
    [{}, ["namespace: must be a namespace's name"]],
    [{ namespace: "CI Agents" }, ["namespace: must be a namespace's name"]],
    [{ namespace: `a${"b".repeat(63)}` }, ["namespace: must be a namespace's name"]],
    [{ namespace: "ci", nmspace: "x" }, [': has the unknown key "nmspace"; known are namespace, kubeconfig']],
    [
      { namespace: "ci", tls: { cafile: "x" }, url: "https://a", token: "file:x" },
      ['tls: has the unknown key "cafile"; known are ca'],
    ],
    [{ namespace: "ci", url: "https://a" }, ["token: must be given with url; name where"]],
    [{ namespace: "ci", url: "http://10.0.0.1", token: "file:x" }, ["url: must be an https:// address"]],
    [{ namespace: "ci", url: "https://user:pass@a", token: "file:x" }, ["url: must be an https:// address"]],
    [{ namespace: "ci", url: "https://a", token: "eyJhbGciOi" }, ["token: must be file:PATH or env:NAME"]],
    [{ namespace: "ci", token: "file:x" }, ["token: goes with url only"]],
    [{ namespace: "ci", tls: {} }, ["tls: goes with url only"]],
    [
      { namespace: "ci", url: "https://a", token: "file:x", kubeconfig: "k", context: "c" },
      ["kubeconfig: must not be given with url", "context: must not be given with url"],
    ],
    [{ namespace: "ci", kubeconfig: "" }, ["kubeconfig: must not be empty; name the kubeconfig file"]],
    [{ namespace: 5, kubeconfig: 6 }, ["namespace: must be a namespace's name", "kubeconfig: must be a text"]],
    ["ci-agents", [": must be keys and values; correct it (its keys are namespace"]],
  ])("%j is refused, each fault with path, rule and remedy", (value, starts) => {
    const faults = faultsOf(value);
    expect(faults).toHaveLength(starts.length);
    for (const [index, start] of starts.entries()) expect(faults[index]).toContain(start);
    for (const fault of faults) expect(fault).toMatch(/; /);
  });

  test("a token that stands in the file itself is not repeated in the message", () => {
    expect(faultsOf({ namespace: "ci", url: "https://a", token: "eyJhbGciOi" }).join()).not.toContain("eyJ");
  });
});

describe("clusterSourceOf", () => {
  const read = (reference: string) => `<${reference}>`;

  test("the usual kubeconfig where nothing is said, else what is said", async () => {
    const nowhere = join(tmpdir(), "kubestack-no-service-account");
    expect(await clusterSourceOf({ namespace: "ci" }, read, nowhere)).toEqual({ kind: "kubeconfig" });
    expect(await clusterSourceOf({ namespace: "ci", context: "c" }, read)).toEqual({
      kind: "kubeconfig",
      context: "c",
    });
    expect(await clusterSourceOf({ namespace: "ci", kubeconfig: "k" }, read)).toEqual({
      kind: "kubeconfig",
      path: "k",
    });
  });

  test.each([
    ["10.96.0.1", "https://10.96.0.1:443"],
    ["fd00::1", "https://[fd00::1]:443"],
  ])(
    "in a pod with a service account, the cluster at %s, with token and CA read at each request",
    async (host, url) => {
      const account = await mkdtemp(join(tmpdir(), "kubestack-service-account-"));
      try {
        await writeFile(join(account, "token"), "first");
        await writeFile(join(account, "ca.crt"), "PEM");
        const reads: string[] = [];
        const source = await clusterSourceOf(
          { namespace: "ci" },
          (reference) => {
            reads.push(reference);
            return { "env:KUBERNETES_SERVICE_HOST": host, "env:KUBERNETES_SERVICE_PORT": "443" }[reference] ?? "secret";
          },
          account,
        );
        expect(source).toMatchObject({ kind: "url", url });
        reads.length = 0;
        const { server, credential } = accessTo(source);
        expect(server).toBe(url);
        expect(await credential()).toEqual({ headers: { Authorization: "Bearer secret" }, tls: { ca: "secret" } });
        await credential();
        const both = [`file:${join(account, "ca.crt")}`, `file:${join(account, "token")}`];
        expect(reads).toEqual([...both, ...both]);
      } finally {
        await rm(account, { recursive: true });
      }
    },
  );

  test("a token is read at each request, not once", async () => {
    const reads: string[] = [];
    const source = await clusterSourceOf(
      { namespace: "ci", url: "https://a", token: "file:t", tls: { ca: "file:ca" } },
      (reference) => {
        reads.push(reference);
        return read(reference);
      },
    );
    expect(source).toMatchObject({ kind: "url", url: "https://a", caPem: "<file:ca>", insecureSkipVerify: false });
    expect(reads).toEqual(["file:ca"]);
    if (source.kind === "url") expect([await source.token(), await source.token()]).toEqual(["<file:t>", "<file:t>"]);
    expect(reads).toEqual(["file:ca", "file:t", "file:t"]);
  });
});
