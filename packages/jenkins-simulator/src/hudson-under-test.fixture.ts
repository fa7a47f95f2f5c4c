import { startHudson } from "@kubestack/real-parts";
import { anyMasterUnderTest } from "./any-master.fixture.ts";
import type { MasterUnderTest } from "./master-under-test.ts";

/** A real Hudson of the suite's own, reached as any other master is. */
export async function hudsonUnderTest(): Promise<MasterUnderTest> {
  const hudson = await startHudson();
  const { url, user, password: secret } = hudson;
  const stranger = { user, secret: "wrong" };
  const under = await anyMasterUnderTest({ url, user, secret, stranger, prefix: "suite-", mayQuietDown: true });
  return {
    ...under,
    async stop() {
      await under.stop();
      await hudson.stop();
    },
  };
}
