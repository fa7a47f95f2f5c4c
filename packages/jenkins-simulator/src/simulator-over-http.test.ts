import { expect, test, vi } from "vitest";
import { anyMasterUnderTest } from "./any-master.fixture.ts";
import { describeMaster } from "./conformance.fixture.ts";
import type { Permission } from "./http/permissions.ts";
import type { MasterUnderTest } from "./master-under-test.ts";
import { startJenkinsSimulator } from "./simulator.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

/** What the README asks for, and the right to quiet the master down. */
const permissions: readonly Permission[] = [
  "Overall/Read",
  "Overall/Manage",
  "Job/Create",
  "Job/Build",
  "Job/Cancel",
  "Job/Delete",
  "Job/Read",
  "Job/ExtendedRead",
  "Agent/Create",
  "Agent/Connect",
  "Agent/Disconnect",
  "Agent/Delete",
];
const ann = { name: "ann", password: "ann's password", tokens: ["ann's token"], permissions };

/** A simulated master that is reached as any other is, with agents that are processes. It has executors of its own, and a node of others. */
async function overHttp(secret: string): Promise<MasterUnderTest> {
  const simulator = await startJenkinsSimulator({ context: "/ci", builtInExecutors: 2, users: [ann] });
  simulator.core.createNode({ name: "others", labels: "linux" });
  simulator.core.connect("others");
  const { url } = simulator;
  const stranger = { user: ann.name, secret: "wrong" };
  const under = await anyMasterUnderTest({
    url,
    user: ann.name,
    secret,
    stranger,
    prefix: "suite-",
    mayQuietDown: true,
  });
  return {
    ...under,
    async stop() {
      await under.stop();
      await simulator.stop();
    },
  };
}

describeMaster("a simulated master over HTTP, by password", () => overHttp("ann's password"));
describeMaster("a simulated master over HTTP, by API token", () => overHttp("ann's token"));

test("what is under test is told apart: a token, a password, and who may not quiet a master down", async () => {
  const [byToken, byPassword] = [await overHttp("ann's token"), await overHttp("ann's password")];
  expect([byToken.secretKind, byPassword.secretKind]).toEqual(["token", "password"]);
  for (const under of [byToken, byPassword]) await under.stop();
  const bob = { ...ann, name: "bob", permissions: ["Overall/Read"] as const };
  const simulator = await startJenkinsSimulator({ users: [bob] });
  const options = { url: simulator.url, user: "bob", secret: "ann's token", prefix: "suite-", mayQuietDown: true };
  const under = await anyMasterUnderTest({ ...options, stranger: { user: "bob", secret: "wrong" } });
  expect(await under.quietDown()).toBe(false);
  expect(simulator.core.state.quietingDown).toBe(false);
  await under.stop();
  await simulator.stop();
});
