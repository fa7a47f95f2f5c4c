import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { channels, type MasterEventMessage, type SlaveRecord, subjects } from "@kubestack/contracts";
import { agentProgram, type JenkinsSimulator, startJenkinsSimulator } from "@kubestack/jenkins-simulator";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type Service, Site } from "./site.fixture.ts";

const program = fileURLToPath(new URL("../../packages/cli/src/main.ts", import.meta.url));
const master = "today";

let site: Site;
let jenkins: JenkinsSimulator;
let config: string;
let supervisor: Service;
const told: MasterEventMessage[] = [];

/** Today's Jenkins, simulated, with real agents; each service is a process of its own. */
beforeAll(async () => {
  jenkins = await startJenkinsSimulator({ seed: 11 });
  site = await Site.start();
  const tokenFile = join(site.world.folder, "simulated-token");
  await writeFile(tokenFile, jenkins.token);
  config = await site.configure("today", (settings) => {
    const [template] = settings.templates;
    const simulated = { ...template, command: [process.execPath, agentProgram], workDir: "/home/jenkins/agent" };
    return {
      ...settings,
      limits: { maxHold: "1h" },
      masters: [
        {
          ...{ name: master, url: jenkins.url, agentUrl: jenkins.url, user: jenkins.user, token: `file:${tokenFile}` },
          demand: [{ type: "jenkins-queue", interval: "500ms" }],
          anchors: "off",
        },
      ],
      templates: [{ ...simulated, name: "maven", labels: ["maven"] }],
    };
  });
  ({ supervisor } = await site.runEach(config));
  site.bus.subscribe(channels.master, subjects.allMasters, ({ data }) => told.push(data));
});

afterAll(async () => {
  await site?.stop();
  await jenkins?.stop();
});

/** What a person types, and sees. */
async function kubestackcmd(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const run = promisify(execFile)(process.execPath, [program, "--nats", site.nats.url, ...args], {
    env: { ...process.env, USER: "ann", SUDO_USER: "" },
  });
  return run.then(
    ({ stdout: out, stderr: err }) => ({ code: 0, out, err }),
    (error: { code: number; stdout: string; stderr: string }) => ({
      code: error.code,
      out: error.stdout,
      err: error.stderr,
    }),
  );
}

async function slaveThat(is: (record: SlaveRecord) => boolean): Promise<SlaveRecord> {
  return vi.waitFor(
    async () => {
      const found = (await site.records()).find(is);
      expect(found).toBeDefined();
      return found as SlaveRecord;
    },
    { timeout: 60_000, interval: 100 },
  );
}

/** Its pod and its node are there, the node is marked in the words of the hold, and no build runs there. */
async function stays(name: string): Promise<void> {
  const { pods, processes } = await site.present();
  expect({ pods, processes }).toEqual({ pods: [name], processes: [name] });
  const { mark, connectedAtMs, executors } = jenkins.core.node(name);
  expect(mark?.message).toMatch(/^held by ann until .* UTC: flaky test$/);
  expect([connectedAtMs === null, executors.map(({ work }) => work)]).toEqual([false, [null]]);
}

test("a slave that is held in its build stays when that has failed, also while its supervisor dies, until it is released", async () => {
  jenkins.core.createJob({ name: "shop/flaky", label: "maven", durationMs: 8_000, result: "FAILURE" });
  jenkins.core.build("shop/flaky");
  const { name } = await slaveThat(({ state }) => state === "busy");

  const tooLong = await kubestackcmd("hold", name.slice(0, -1), "--for", "3h");
  expect([tooLong.code, tooLong.err]).toEqual([
    1,
    "kubestackcmd: A slave is held for 1h at most (limits.maxHold), not 3h; hold it again before that is over.\n",
  ]);
  const held = await kubestackcmd("hold", name.slice(0, -1), "--for", "30m", "--reason", "flaky test");
  expect(held).toMatchObject({ code: 0, err: "" });
  expect(held.out).toMatch(new RegExp(`^${name} is held for 30m, until .* UTC: its build goes on, and then it stays;`));

  await slaveThat((record) => record.name === name && record.state === "draining");
  const [work] = jenkins.core.works();
  expect(work).toMatchObject({ job: "shop/flaky", result: "FAILURE", endedBy: "itself" });

  await supervisor.end("SIGKILL");
  supervisor = site.run(config, "slave-supervisor");
  await supervisor.says(/took the master over/);
  // Another build gets a slave of its own: the held one is neither supply nor taken.
  jenkins.core.createJob({ name: "shop/next", label: "maven", durationMs: 1_000 });
  jenkins.core.build("shop/next");
  const next = await slaveThat((record) => record.name !== name && record.state === "deleted");
  expect(next.life.outcome).toBe("served");
  expect(jenkins.core.works().map(({ node }) => node)).toEqual([name, next.name]);
  await stays(name);
  const listed = await kubestackcmd("list");
  expect(listed.out).toMatch(new RegExp(`${name} .* draining .* held by ann, release (29|30)m`));
  expect((await kubestackcmd("status")).out).toContain("1 slave held");
  expect((await kubestackcmd("explain", name)).out).toMatch(/is held by ann for (29|30)m more/);

  const released = await kubestackcmd("release", name, "--reason", "seen");
  expect(released).toEqual({ code: 0, out: `${name} is released: it goes.\n`, err: "" });
  await site.untilNothingIsLeft();
  expect(jenkins.core.state.nodes.size).toBe(0);
  const again = await kubestackcmd("hold", name);
  expect([again.code, again.err]).toEqual([
    1,
    `kubestackcmd: ${name} is over, and so is its pod: only a slave that lives can be held.\n`,
  ]);
  expect(told.filter(({ slave }) => slave === name).map(({ event, reason }) => [event, reason])).toEqual([
    ["slave-held", expect.stringMatching(new RegExp(`^${name} is held by ann until .* UTC: flaky test$`))],
    ["slave-released", `${name} is released by ann: seen`],
  ]);
});
