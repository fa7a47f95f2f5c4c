import { describeMaster } from "./conformance.fixture.ts";
import { simulatorUnderTest } from "./master-under-test.ts";
import { startJenkinsSimulator } from "./simulator.ts";

describeMaster("a simulated master, as the adapter sees it", async () =>
  simulatorUnderTest(await startJenkinsSimulator({ context: "/ci" })),
);
