import type { Master } from "@kubestack/jenkins";
import { describe, expect, test } from "vitest";
import { agentFilesOf, agentPartOf } from "./agent-part.ts";
import type { AttachTarget } from "./attach-mode.ts";

function targetOf(
  change: Partial<AttachTarget> = {},
  probe = { flavour: "jenkins", version: "2.541.3" },
): AttachTarget {
  const master = { probe: async () => probe, agentPort: async () => null } as unknown as Master;
  return { name: "backend", master, agentUrl: "https://ci.svc/", podLabels: { team: "a" }, ...change };
}
const slave = { name: "ks-1" };
const envOf = async (target: AttachTarget) => (await agentPartOf(slave, target)).env;

describe("what an agent's container is given", () => {
  test("says where its files are, and never what is in them", async () => {
    expect(await agentPartOf(slave, targetOf())).toEqual({
      program: "start-agent",
      env: {
        KUBESTACK_AGENT_URL: "https://ci.svc/",
        KUBESTACK_AGENT_NAME: "ks-1",
        KUBESTACK_AGENT_SECRET_FILE: "/run/kubestack/agent/secret",
        KUBESTACK_AGENT_LAUNCH: "agent-jar",
        KUBESTACK_AGENT_JAR_PATH: "jnlpJars/agent.jar",
        KUBESTACK_AGENT_JAVA_SINCE: "17",
        KUBESTACK_AGENT_WEBSOCKET: "true",
      },
      secret: { mountPath: "/run/kubestack/agent" },
      podLabels: { team: "a" },
    });
    expect(agentFilesOf("s3cret", targetOf())).toEqual({ secret: "s3cret" });
  });

  test.each<[Partial<AttachTarget>, Record<string, string>]>([
    [{ transport: "tcp" }, {}],
    [{ agentTunnel: "agents:50000" }, { KUBESTACK_AGENT_TUNNEL: "agents:50000" }],
    [{ transport: "websocket", agentTunnel: "agents:50000" }, { KUBESTACK_AGENT_WEBSOCKET: "true" }],
  ])("says which way it takes, one and no other: %j", async (change, way) => {
    const { KUBESTACK_AGENT_TUNNEL: tunnel, KUBESTACK_AGENT_WEBSOCKET: webSocket } = await envOf(targetOf(change));
    expect({ tunnel, webSocket }).toEqual({
      tunnel: way.KUBESTACK_AGENT_TUNNEL,
      webSocket: way.KUBESTACK_AGENT_WEBSOCKET,
    });
  });

  test("holds the master's own authorities as a file of the Secret, where agents come by TLS", async () => {
    const tls = { caPem: "-----BEGIN CERTIFICATE-----", insecureSkipVerify: false };
    const target = targetOf({ tls });
    expect(await envOf(target)).toMatchObject({ KUBESTACK_AGENT_CA_FILE: "/run/kubestack/agent/ca.pem" });
    expect(agentFilesOf("s3cret", target)).toEqual({ secret: "s3cret", "ca.pem": tls.caPem });
    const plain = targetOf({ tls, agentUrl: "http://ci.svc/" });
    expect(await envOf(plain)).not.toHaveProperty("KUBESTACK_AGENT_CA_FILE");
    expect(agentFilesOf("s3cret", plain)).toEqual({ secret: "s3cret" });
  });

  test("says that any certificate is taken, which a Hudson's agents cannot", async () => {
    const tls = { insecureSkipVerify: true };
    expect(await envOf(targetOf({ tls }))).toMatchObject({ KUBESTACK_AGENT_INSECURE: "true" });
    expect(await envOf(targetOf({ tls, agentUrl: "http://ci.svc/" }))).not.toHaveProperty("KUBESTACK_AGENT_INSECURE");
    const hudson = { flavour: "hudson", version: "3.3.2" };
    await expect(envOf(targetOf({ tls, agentTunnel: "a:1" }, hudson))).rejects.toMatchObject({
      code: "master-refused",
      retry: "never",
      message: expect.stringMatching(/master backend name the certificate's authority in tls\.ca/),
    });
  });
});
