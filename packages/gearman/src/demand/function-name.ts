/** A build that a Zuul asks for by a function's name. */
export interface BuildFunction {
  readonly job: string;
  /** The one label that the agent must have; null where any agent that runs the job will do. */
  readonly label: string | null;
}

const build = "build:";
/** What the masters' plugin registers besides builds: both are orders to a master, and no demand. */
const beginnings = [build, "stop:", "set_description:"];

/**
 * What a function's name asks for: `build:JOB:LABEL` or `build:JOB`; undefined for every other one. No job's name holds a
 * colon, a label may (`ubuntu:24.04`).
 */
export function readFunctionName(name: string): BuildFunction | undefined {
  if (!name.startsWith(build)) return undefined;
  const colon = name.indexOf(":", build.length);
  const job = name.slice(build.length, colon < 0 ? undefined : colon);
  const label = colon < 0 ? "" : name.slice(colon + 1).trim();
  return job.trim() === "" ? undefined : { job, label: label === "" ? null : label };
}

/**
 * The names in a worker's row. They are apart by blanks, and a job's name may hold some: what does not begin as a known
 * function goes on with the build before it, until that one has its label. Linear in the text's length.
 */
export function namesOf(functions: string): string[] {
  const names: string[] = [];
  let isWhole = true;
  for (const word of functions.split(" ")) {
    if (word === "") continue;
    if (isWhole || beginnings.some((beginning) => word.startsWith(beginning))) {
      names.push(word);
      isWhole = !word.startsWith(build) || word.includes(":", build.length);
    } else {
      names.push(`${names.pop()} ${word}`);
      isWhole = word.includes(":");
    }
  }
  return names;
}
