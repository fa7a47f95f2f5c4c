import { isForWindows } from "../loosening.ts";
import { isMap, type JsonMap } from "../merge/json.ts";

export const injectModes = ["auto", "always", "never"] as const;
export type InjectMode = (typeof injectModes)[number];

/** What starts in the agent's container: our start-agent, or a program that knows by itself where to attach. */
export type AgentProgram = "start-agent" | "own";

/** What decides whether an agent is injected. */
export interface Injectable {
  readonly inject: InjectMode;
  /** From which it would be taken; undefined: from none. */
  readonly agentImage: string | undefined;
  readonly program: AgentProgram;
  /** The pod as far as templates and sizes say it, with nothing left to delete. */
  readonly pod: JsonMap;
  readonly container: JsonMap;
}

/**
 * Whether the agent is put into the image of its container. Never without an `agentImage`, and never where the pod attaches by
 * itself or is for Windows: there is nothing to put in. Else `auto` leaves alone what starts a program of its own by `command`
 * or `args`, and what is of the agent image's own repository, which brings the agent itself. To inject where it was not needed
 * costs a moment; not to inject where it was costs the build.
 */
export function isInjected({ inject, agentImage, program, pod, container }: Injectable): boolean {
  if (inject === "never" || agentImage === undefined || program === "own") return false;
  if (isForWindows(isMap(pod.spec) ? pod.spec : {})) return false;
  if (inject === "always") return true;
  if (container.command !== undefined || container.args !== undefined) return false;
  return typeof container.image === "string" && repositoryOf(container.image) !== repositoryOf(agentImage);
}

const hub = "docker.io";

/** An image's registry and repository in full, without tag or digest: `maven:3` is of `docker.io/library/maven`. */
export function repositoryOf(image: string): string {
  const bare = image.replace(/@.*$/, "").replace(/:[^/:]*$/, "");
  const [first = "", ...rest] = bare.split("/");
  const hasRegistry = rest.length > 0 && (/[.:]/.test(first) || first === "localhost");
  const [registry, path] = hasRegistry ? [first, rest.join("/")] : [hub, bare];
  return registry === hub && !path.includes("/") ? `${hub}/library/${path}` : `${registry}/${path}`;
}
