import { z } from "zod";
import { readAgentPort } from "./agent-port.ts";
import type { Answer } from "./http/send.ts";
import type { Session } from "./http/session.ts";
import { requireIdentity } from "./identity.ts";

/** What kind of master answers, and how it is now. */
export interface Probe {
  readonly flavour: "jenkins" | "hudson";
  readonly version: string;
  /** Another one after each start of the master; null where the master does not tell (Hudson). */
  readonly session: string | null;
  /** It is about to shut down and starts no more builds. */
  readonly quietingDown: boolean;
  /** TCP port for agents: -1 switched off, 0 chosen anew at each start, null where it does not tell. */
  readonly slaveAgentPort: number | null;
  /** Addresses that the master gives itself in the links it hands out. */
  readonly rootUrls: readonly string[];
}

const rootSchema = z.object({
  quietingDown: z.boolean().optional(),
  slaveAgentPort: z.number().int().optional(),
  url: z.string().nullish(),
  primaryView: z.object({ url: z.string().nullish() }).nullish(),
  useCrumbs: z.boolean(),
});

const tree = "quietingDown,slaveAgentPort,url,primaryView[url],useCrumbs";

/**
 * Asks the master who it is. Jenkins names itself in every answer of its API; Hudson only on its front page, which
 * is read once for each port of its agents' listener, since a large master's front page is heavy.
 */
export function createProbe(session: Session): () => Promise<Probe> {
  let hudson: { port: number | null; version: string } | undefined;
  return async () => {
    const { value, answer } = await session.readJson({ path: "", tree, what: "to tell who it is" }, rootSchema);
    const rootUrls = [value.url, viewRoot(value.primaryView?.url)].filter((url) => typeof url === "string");
    const version = answer.headers["x-jenkins"];
    if (version !== undefined) {
      return {
        flavour: "jenkins",
        version,
        session: sessionOf(answer),
        quietingDown: value.quietingDown ?? false,
        slaveAgentPort: value.slaveAgentPort ?? null,
        rootUrls,
      };
    }
    const port = await readAgentPort(session);
    if (hudson === undefined || hudson.port !== port) hudson = { port, version: await readFrontPage(session) };
    await requireIdentity(session);
    const queue = await session.get({ path: "ajaxBuildQueue", what: "to tell whether it is quieting down" });
    return {
      flavour: "hudson",
      version: hudson.version,
      session: null,
      quietingDown: /is going to shut down/.test(queue.text),
      slaveAgentPort: port ?? -1,
      rootUrls,
    };
  };
}

/** A master's own name of a start has eight characters; of one that is longer than this the rest is left out. */
const longestSession = 256;

/** The start of the master that an answer comes from; null where it does not tell. */
export function sessionOf(answer: Answer): string | null {
  return answer.headers["x-jenkins-session"]?.slice(0, longestSession) ?? null;
}

/** The primary view's own address ends in `view/NAME/` unless it is the root itself. */
function viewRoot(url: string | null | undefined): string | null | undefined {
  return url?.replace(/view\/[^/]+\/?$/, "");
}

async function readFrontPage(session: Session): Promise<string> {
  const page = await session.get({ path: "", what: "to show its front page" });
  const version = page.headers["x-hudson"];
  if (version === undefined) throw session.notAMaster(page);
  return version;
}
