import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { channels, keys, subjects } from "@kubestack/contracts";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type Services, Site } from "./site.fixture.ts";

const commandLine = fileURLToPath(new URL("../../packages/cli/src/main.ts", import.meta.url));
/** How long a change of the file may take until it holds everywhere, in milliseconds. */
const patience = { timeout: 60_000, interval: 100 };

let site: Site;
let config: string;
let services: Services;

/** Writes the file: one master for python, and where asked for a second one, for go. */
function written(isSecondThere: boolean): Promise<string> {
  return site.configure("changing", (settings) => {
    const [first] = settings.masters;
    // The same Hudson by another of its addresses; each of the two has templates of its own.
    const second = { ...first, name: "second", url: first?.url.replace("127.0.0.1", "localhost") };
    const owners: Readonly<Record<string, string>> = { python: "sandbox", go: "second" };
    return {
      ...settings,
      masters: isSecondThere ? [first, second] : [first],
      templates: settings.templates
        .filter(({ name }) => name === "python" || (name === "go" && isSecondThere))
        .map((template) => ({ ...template, masters: [owners[template.name]] })),
    };
  });
}

/** What the command line says, and its exit code. */
async function ks(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  try {
    const env = { USER: "ann", HOME: site.world.folder, KUBESTACK_NATS: site.nats.url };
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [commandLine, ...args], { env });
    return { code: 0, out: stdout, err: stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, out: stdout, err: stderr };
  }
}

async function isBusy(template: string): Promise<string> {
  return vi.waitFor(async () => {
    const record = (await site.records()).findLast((one) => one.template === template && one.state === "busy");
    if (record === undefined) throw new Error(`no slave of ${template} is busy yet`);
    return record.name;
  }, patience);
}

beforeAll(async () => {
  site = await Site.start();
  config = await written(false);
  services = await site.runEach(config);
});

afterAll(() => site?.stop());

test("a master that is added to the file is served, and what runs at the others goes on undisturbed", async () => {
  await site.build("python", { N: "before", SECONDS_LONG: "12", CODE: "0" });
  const slave = await isBusy("python");
  await written(true);
  await site.build("go", { N: "first", SECONDS_LONG: "2", CODE: "0" });
  const [build] = await site.finished("go", 1);
  expect(build).toMatchObject({ result: "SUCCESS", builtOn: expect.stringMatching(/^ks-second-/) });
  const [before] = await site.finished("python", 1);
  expect(before).toMatchObject({ result: "SUCCESS", builtOn: slave });
  await site.untilNothingIsLeft();
  const log = await services.supervisor.log();
  expect(log).toMatch(/the changed configuration is taken up: masters added: second; templates added: go/);
  expect(log.match(/"master":"sandbox".*took the master over/g)).toHaveLength(1);
});

test("a file that is wrong leaves all as it is, and is told in the log and by status", async () => {
  await writeFile(config, "masters: [");
  await services.supervisor.says(/changing\.yaml is wrong \(line 1, .*: what ran before goes on/);
  const { out } = await ks("status");
  expect(out).toMatch(/^FIX {2}configuration: .*changing\.yaml is wrong/m);
  await site.build("go", { N: "meanwhile", SECONDS_LONG: "1", CODE: "0" });
  await site.finished("go", 2);
  await written(true);
  await vi.waitFor(async () => expect((await ks("status")).out).not.toContain("FIX"), patience);
});

test("a paused master launches nothing, a new supervisor or not, until it is resumed", async () => {
  expect(await ks("masters", "pause", "secnd")).toEqual({
    code: 1,
    out: "",
    err: "kubestackcmd: No master is called 'secnd'; there are sandbox, second.\n",
  });
  expect(await ks("masters", "pause", "second", "--reason", "upgrade")).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^second is paused: /),
  });
  const again = await ks("masters", "pause", "second");
  expect([again.code, again.err]).toEqual([
    1,
    expect.stringMatching(/^kubestackcmd: Master second is paused by ann since .* UTC \(upgrade\) already; .*\n$/),
  ]);
  const launched = (await site.records()).filter(({ master }) => master === "second").length;
  await site.build("go", { N: "paused", SECONDS_LONG: "1", CODE: "0" });
  await services.supervisor.end("SIGKILL");
  services.supervisor = site.run(config, "slave-supervisor");
  await services.supervisor.says(/"master":"second".*took the master over/);
  await vi.waitFor(async () => {
    const plan = await site.bus.readLast(channels.plan, subjects.plan("second"));
    expect(plan?.data.waiting).toMatchObject([{ code: "paused", reason: expect.stringMatching(/paused by ann/) }]);
  }, patience);
  const told = await ks("status");
  expect(told.out).toMatch(/^second +paused +1 /m);
  expect(told.out).toMatch(/master second is paused by ann since .* UTC \(upgrade\)/);
  const [item] = await site.world.master.admin.queue();
  // Both masters are one Hudson, and show one queue.
  expect((await ks("explain", `item:${item?.id}`, "--master", "second")).out).toMatch(
    /waits .*: master second is paused by ann/,
  );
  // The other master launches as ever.
  await site.build("python", { N: "meanwhile", SECONDS_LONG: "1", CODE: "0" });
  await site.finished("python", 2);
  expect((await site.records()).filter(({ master }) => master === "second")).toHaveLength(launched);
  expect((await ks("masters", "resume", "second")).code).toBe(0);
  await site.finished("go", 3);
  await site.untilNothingIsLeft();
});

test("a master that is taken out of the file is served until it is empty, and then nothing is kept of it", async () => {
  await site.build("go", { N: "last", SECONDS_LONG: "10", CODE: "0" });
  const slave = await isBusy("go");
  await written(false);
  await services.supervisor.says(/master second is out of the configuration/);
  // Who knows of the master only by what is kept goes on with it.
  await services.supervisor.end("SIGKILL");
  services.supervisor = site.run(config, "slave-supervisor");
  const builds = await site.finished("go", 4);
  expect(builds[0]).toMatchObject({ result: "SUCCESS", builtOn: slave });
  await site.untilNothingIsLeft();
  await services.supervisor.says(
    /master second is left: it is out of the configuration, and nothing of ours is left there/,
  );
  await vi.waitFor(async () => {
    const { ledger, masters, leases } = site.bus;
    const key = keys.lease("demand-collector", "second");
    expect(
      await Promise.all([ledger.get(keys.ledger("second")), masters.get(keys.master("second")), leases.get(key)]),
    ).toEqual([undefined, undefined, undefined]);
  }, patience);
  await vi.waitFor(async () => expect((await ks("masters")).out).not.toContain("second"), patience);
  expect((await ks("list", "--all")).out).toContain(slave);
});
