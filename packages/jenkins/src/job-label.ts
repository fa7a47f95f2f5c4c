import type { WantedLabel } from "@kubestack/contracts";
import { segment } from "./http/master-url.ts";
import type { Session } from "./http/session.ts";
import { type JobConfigLabel, labelOfConfig } from "./job-config.ts";
import type { OwnPath } from "./own-address.ts";

/** Hudson lets jobs inherit from jobs; deeper than this is taken for a circle. */
const longestInheritance = 8;

/**
 * The label that a job's own configuration asks for. Needs the right to read it (Extended Read, or Configure): without,
 * and for jobs that have no such file, the answer is `unknown` with the reason; a master that does not answer raises.
 */
export async function readJobLabel(session: Session, ownPath: OwnPath, jobUrl: string): Promise<WantedLabel> {
  let path = await ownPath(jobUrl);
  for (let depth = 0; depth < longestInheritance; depth += 1) {
    const label = await readOne(session, path);
    if (label.kind !== "inherits") return label;
    path = `job/${segment(label.from)}/`;
  }
  return { kind: "unknown", because: "it inherits from too many jobs, perhaps in a circle" };
}

async function readOne(session: Session, path: string): Promise<JobConfigLabel> {
  const what = "to show a job's configuration";
  const answer = await session.get({ path: `${path}config.xml`, what, accept: [403, 404] });
  if (answer.status === 404) return unknown("the master shows no config.xml of it");
  if (answer.status === 403) return unknown(`user ${session.user} may not read its configuration (Extended Read)`);
  return labelOfConfig(answer.text);
}

function unknown(because: string): JobConfigLabel {
  return { kind: "unknown", because };
}
