import { startJenkinsSimulator, type Wording } from "@kubestack/jenkins-simulator";
import type { Size } from "./round.ts";

/**
 * A master as large as any, as a process of its own, so that only the reader's processor time is measured. It is told its
 * wording and size, answers with its address and token, and ends with whoever started it.
 */
process.once("message", async ({ wording, items, computers }: { wording: Wording } & Size) => {
  const simulator = await startJenkinsSimulator({ wording, time: "manual" });
  const { core } = simulator;
  const teams = 20;
  const jobs = 300;
  const label = (number: number) => `tool-${number % teams}`;
  core.batch(() => {
    for (let at = 0; at < computers; at += 1)
      core.createNode({ name: `node-${at}`, labels: `${label(at)} linux jdk21` });
    for (let at = 0; at < jobs; at += 1) core.createJob(jobOf(at));
    for (let at = 0; at < computers; at += 2) core.connect(`node-${at}`);
  });
  // Every online node gets a build, and as many items are left over as are asked for.
  core.batch(() => {
    for (let at = 0; core.items().length < items || at < items + computers / 2; at += 1)
      core.build(`team-${(at % jobs) % teams}/job-${at % jobs}`, { parameters: { N: String(at) } });
  });
  process.send?.({ url: simulator.url, user: simulator.user, token: simulator.token });
  process.once("disconnect", () => void simulator.stop());

  /** Most ask for a label, a third of them in a pipeline, and one in ten for none: an old master tells no label of those. */
  function jobOf(at: number) {
    const name = `team-${at % teams}/job-${at}`;
    const wanted = at % 10 === 9 ? {} : { label: `${label(at)} && linux` };
    const common = { name, parameters: { N: "" } };
    return at % 3 === 0
      ? { ...common, kind: "pipeline" as const, blocks: [{ ...wanted, durationMs: null }] }
      : { ...common, ...wanted, durationMs: null };
  }
});
