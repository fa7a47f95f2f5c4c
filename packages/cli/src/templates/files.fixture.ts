import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Bus } from "@kubestack/bus";
import { KubestackError } from "@kubestack/contracts";
import { stringify } from "yaml";
import { run } from "../program.ts";

/** A configuration with two masters and four templates, and what a test wants otherwise. */
export function configurationFile(rest: Readonly<Record<string, unknown>> = {}): string {
  return stringify({
    install: "prod-eu",
    kubernetes: { namespace: "ci-agents" },
    defaults: { template: { pod: { spec: { priorityClassName: "builds" } } } },
    masters: [
      { name: "backend", url: "https://ci.example.org/", token: "env:TOKEN", podLabels: { net: "ci" } },
      { name: "workers", type: "external" },
    ],
    templates: [
      { name: "base", pod: { spec: { nodeSelector: { pool: "ci" } } } },
      { name: "maven", inheritFrom: ["base"], labels: ["maven", "jdk21"], image: "maven:3.9", memory: "4Gi" },
      { name: "gradle", labels: ["gradle"], image: "gradle:9", masters: ["backend"] },
      { name: "worker", unlabelled: true, image: "worker:1", masters: ["workers"] },
    ],
    ...rest,
  });
}

/** A folder for such files. */
export async function folder() {
  const dir = await mkdtemp(join(tmpdir(), "kubestack-templates-"));
  let count = 0;
  return {
    dir,
    write: async (text: string): Promise<string> => {
      count += 1;
      const file = join(dir, `${count}.yaml`);
      await writeFile(file, text);
      return file;
    },
    remove: () => rm(dir, { recursive: true, force: true }),
  };
}

/** Runs the command line in this process. NATS is the one that is given, or is not reached. */
export async function call(args: readonly string[], { bus, dir = "/nowhere" }: { bus?: Bus; dir?: string } = {}) {
  let [out, err] = ["", ""];
  const code = await run(args, {
    terminal: {
      width: 100,
      colour: false,
      out: (text) => {
        out += text;
      },
      err: (text) => {
        err += text;
      },
    },
    environment: { KUBESTACK_CACHE: dir, KUBESTACK_NATS: "nats://127.0.0.1:1" },
    version: "1.2.3",
    now: () => Date.UTC(2026, 0, 1),
    connect: async () => {
      if (bus === undefined) throw new KubestackError("bus-unavailable", "NATS can't be reached.");
      return bus;
    },
    interrupted: () => new Promise(() => undefined),
  });
  return { code, out, err };
}
