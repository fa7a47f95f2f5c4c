import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startHudson, startHudsonAgent } from "@kubestack/real-parts";
import type { MasterUnderTest } from "./master-under-test.ts";

/** The real Hudson as such a master: builds are shells that wait for a file, agents are real ones. */
export async function hudsonUnderTest(): Promise<MasterUnderTest> {
  const hudson = await startHudson();
  const { admin } = hudson;
  const flags = join(hudson.dir, "flags");
  await mkdir(flags, { recursive: true });
  const flagOf = (job: string) => join(flags, job);
  const agents = new Set<{ stop(): Promise<void> }>();
  return {
    kind: "hudson",
    url: hudson.url,
    user: hudson.user,
    secret: hudson.password,
    createJob: ({ holds, ...job }) =>
      admin.createJob({
        ...job,
        script: holds === true ? `while [ ! -e ${flagOf(job.name)} ]; do sleep 0.1; done` : "true",
      }),
    build: async (job, parameters = {}) => void (await admin.build(job, parameters)),
    letBuildsEnd: (job) => writeFile(flagOf(job), ""),
    builds: (job) => admin.builds(job),
    nodes: async () =>
      (await admin.nodes()).map(({ displayName, offline, idle }) => ({ name: displayName, offline, idle })),
    queue: () => admin.queue(),
    async connectAgent(node) {
      const agent = await startHudsonAgent({ hudson, node });
      agents.add(agent);
      return agent;
    },
    async stop() {
      await Promise.all([...agents].map((agent) => agent.stop()));
      await hudson.stop();
    },
  };
}
