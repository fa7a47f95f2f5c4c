import { connectMaster, type Master } from "@kubestack/jenkins";
import { type JenkinsSimulator, startJenkinsSimulator } from "@kubestack/jenkins-simulator";
import { afterEach, expect, test } from "vitest";
import { recordIn } from "../../slave-record.fixture.ts";
import type { AttachTarget } from "../attach-mode.ts";
import { FreshSecrets } from "./fresh-secrets.ts";
import { swarm } from "./index.ts";

const slave = recordIn("requested");
const node = { workDir: "/work", unlabelled: false, description: "a slave of ours" };
const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function begun(hasSwarm: boolean): Promise<{ jenkins: JenkinsSimulator; target: AttachTarget }> {
  const jenkins = await startJenkinsSimulator({ time: "manual", hasSwarm });
  const auth = { kind: "token", read: async () => jenkins.token } as const;
  const master = connectMaster({ name: "backend", url: jenkins.url, user: jenkins.user, auth });
  ends.push(
    () => jenkins.stop(),
    () => master.close(),
  );
  return { jenkins, target: { name: "backend", master, agentUrl: jenkins.url, podLabels: {} } };
}

test("a master without the plugin refuses the launch in one sentence that says what to do", async () => {
  const { jenkins, target } = await begun(false);
  await expect(swarm.register(slave, target, node)).rejects.toMatchObject({
    code: "master-refused",
    retry: "never",
    message: expect.stringMatching(/^Master backend has no Swarm plugin .*install the plugin swarm/),
  });
  expect(jenkins.core.state.nodes.size).toBe(0);
});

test("the secret came with the node: nothing is asked for it, until it is wanted a second time", async () => {
  const { jenkins, target } = await begun(true);
  await swarm.register(slave, target, node);
  const page = `GET computer/${slave.name}/jenkins-agent.jnlp`;
  const files = await swarm.secretFiles(slave, target);
  expect(jenkins.log).not.toContain(page);
  expect(await swarm.secretFiles(slave, target)).toEqual(files);
  expect(jenkins.log).toContain(page);
});

test("the node goes with its agent, and is gone for everybody", async () => {
  const { jenkins, target } = await begun(true);
  await swarm.register(slave, target, node);
  jenkins.core.connect(slave.name);
  expect(await swarm.look(slave, target)).toMatchObject({ computer: { online: true } });
  jenkins.core.disconnect(slave.name);
  expect(await swarm.look(slave, target)).toMatchObject({ computer: null });
  expect(await swarm.markOffline(slave, target, "it goes")).toMatchObject({ isThere: false });
  await swarm.removeNode(slave, target);
});

test("secrets that nobody asks for are forgotten, the oldest first", () => {
  const fresh = new FreshSecrets();
  const [one, two] = [{}, {}] as Master[];
  if (one === undefined || two === undefined) throw new Error("two masters");
  fresh.keep(two, "first", "two's");
  for (let number = 0; number < 1_001; number += 1) fresh.keep(one, `ks-${number}`, `secret ${number}`);
  expect([fresh.take(one, "ks-0"), fresh.take(one, "ks-1"), fresh.take(one, "ks-1")]).toEqual([
    undefined,
    "secret 1",
    undefined,
  ]);
  expect(fresh.take(two, "first")).toBe("two's");
});
