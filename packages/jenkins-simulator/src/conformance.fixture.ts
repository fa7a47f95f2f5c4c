import { afterAll, beforeAll, describe } from "vitest";
import { agentTests } from "./conformance/agents.fixture.ts";
import { type Ground, groundOn } from "./conformance/ground.fixture.ts";
import { nodeTests } from "./conformance/nodes.fixture.ts";
import { queueTests } from "./conformance/queue.fixture.ts";
import type { MasterUnderTest } from "./master-under-test.ts";

/**
 * What every master must do, whatever it is, as the adapter sees it. Where masters may differ by right (secrets, versions, a label that
 * the queue tells or not) the suite asks for what KubeStack needs of them and no more. The master may be in use: the suite makes what it
 * needs under names of its own, and asks nothing of what others have there.
 */
export function describeMaster(title: string, start: () => Promise<MasterUnderTest>): void {
  describe(title, () => {
    let under: MasterUnderTest | undefined;
    let ground: Ground | undefined;

    beforeAll(async () => {
      under = await start();
      ground = groundOn(under);
    });
    afterAll(async () => {
      ground?.master.close();
      await under?.stop();
    });

    const on = (): Ground => {
      if (ground === undefined) throw new Error("the master did not start");
      return ground;
    };
    nodeTests(on);
    queueTests(on);
    agentTests(on);
  });
}
