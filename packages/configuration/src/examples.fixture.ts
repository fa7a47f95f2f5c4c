import { readdirSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TemplateConfig } from "@kubestack/templates/config";
import { loadConfiguration } from "./load.ts";

const folder = new URL("../../../docs/examples/", import.meta.url);
/** What a configuration has besides; the agent is put into the examples' images, as their page says. */
const rest = `
kubernetes: { namespace: ci-agents }
masters: [{ name: main, url: "http://jenkins.example.org/", user: kubestack, token: "env:TOKEN" }]
defaults: { template: { agentImage: "registry.example.org/ci/kubestack-slave:1" } }
`;

/** The files of docs/examples, by name. */
export const exampleFiles: readonly string[] = readdirSync(folder).filter((name) => name.endsWith(".yaml"));

/** What a file of docs/examples says. */
export function exampleText(file: string): Promise<string> {
  return readFile(new URL(file, folder), "utf8");
}

/** The templates of one example, read as a part of a configuration with one master. */
export async function templatesOfExample(file: string): Promise<readonly TemplateConfig[]> {
  const dir = await mkdtemp(join(tmpdir(), "kubestack-example-"));
  try {
    const whole = join(dir, "config.yaml");
    await writeFile(whole, rest + (await exampleText(file)));
    return (await loadConfiguration({ file: whole, environment: {} })).templates;
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
