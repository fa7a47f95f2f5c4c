import type { World } from "./world.ts";

export interface Welcome {
  readonly world: Pick<World, "master" | "cluster" | "configFile">;
  readonly logFile: string;
  readonly apiUrl: string;
  readonly readyAfterMs: number;
}

/** What somebody needs to look around, once all is up. */
export function welcomeText({ world, logFile, apiUrl, readyAfterMs }: Welcome): string {
  const { master, cluster, configFile } = world;
  return [
    "",
    `KubeStack is ready after ${(readyAfterMs / 1000).toFixed(1)} s.`,
    "",
    `  master         ${master.url}  (user ${master.user})`,
    `  password in    ${master.passwordFile}`,
    `  HTTP           ${apiUrl}/api/v1/explain?what=sandbox`,
    `  kubeconfig     ${cluster.adminKubeconfig}`,
    `  configuration  ${configFile}`,
    `  services' log  ${logFile}`,
    "",
    "First steps, in another terminal:",
    "  npx kubestackcmd status",
    "  npx kubestackcmd events -f",
    "",
  ].join("\n");
}

/** How somebody starts builds of his own; the credentials are in a file, so that no command line shows them. */
export function moreBuildsText(masterUrl: string, netrcFile: string, job: string): string {
  return [
    "",
    `More builds: open ${masterUrl} and press Build, or`,
    `  curl -X POST --netrc-file ${netrcFile} \\`,
    `    ${masterUrl}job/${job}/build`,
    "",
  ].join("\n");
}
