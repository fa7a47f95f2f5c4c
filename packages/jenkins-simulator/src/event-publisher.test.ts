import { expect, test } from "vitest";
import { Subscriber } from "zeromq";
import { createMasterCore } from "./core/core.ts";
import { startEventPublisher } from "./event-publisher.ts";

test("freestyle builds are told of as the plugin does it, pipelines are not", async () => {
  const core = createMasterCore();
  const publisher = await startEventPublisher({ core, url: "http://ci.example.org/" });
  const subscriber = new Subscriber({ linger: 0 });
  try {
    subscriber.subscribe("");
    subscriber.connect(`tcp://127.0.0.1:${publisher.port}`);
    await publisher.subscribed;
    core.createNode({ name: "n1", labels: "a" });
    core.connect("n1");
    core.createJob({ name: "deploy", kind: "pipeline", blocks: [{ label: "a" }] });
    core.createJob({ name: "team/lib", label: "a", parameters: { BRANCH: "main" } });
    core.build("deploy");
    core.advance(10_000);
    core.build("team/lib");
    core.advance(10_000);
    const frames: string[] = [];
    for (let count = 0; count < 3; count += 1) frames.push((await subscriber.receive()).map(String).join());
    const whole = {
      full_url: "http://ci.example.org/job/team/job/lib/1/",
      number: 1,
      url: "job/team/job/lib/1/",
      parameters: { BRANCH: "main" },
      node_name: "n1",
    };
    expect(frames.map((frame) => [frame.split(" ")[0], JSON.parse(frame.slice(frame.indexOf(" ")))])).toEqual([
      ["onStarted", { name: "lib", url: "job/team/job/lib/", build: { ...whole, phase: "STARTED" } }],
      [
        "onCompleted",
        { name: "lib", url: "job/team/job/lib/", build: { ...whole, phase: "COMPLETED", status: "SUCCESS" } },
      ],
      [
        "onFinalized",
        { name: "lib", url: "job/team/job/lib/", build: { ...whole, phase: "FINISHED", status: "SUCCESS" } },
      ],
    ]);
  } finally {
    subscriber.close();
    await publisher.stop();
  }
});
