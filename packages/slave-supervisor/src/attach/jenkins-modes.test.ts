import { describeJenkinsMode } from "./conformance.fixture.ts";
import { inbound } from "./inbound/index.ts";
import { swarm } from "./swarm/index.ts";

describeJenkinsMode("inbound", inbound);
describeJenkinsMode("inbound, by TCP", inbound, { agentPort: 50_000 });
describeJenkinsMode("swarm", swarm, { hasSwarm: true });
