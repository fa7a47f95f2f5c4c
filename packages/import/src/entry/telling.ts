import type { Path, Verdict } from "../report/report.ts";

/** Something that becomes of a part of a pod. */
export interface Told {
  /** Where in the pod: containers, volumes and variables by their names. */
  readonly path: Path;
  readonly verdict: Verdict;
  readonly says: string;
  /** Told already where a field said it; only where the pod itself says it is it news. */
  readonly isKnownOfFields?: boolean;
}

/** Says what becomes of a part of a pod. */
export type Tell = (told: Told) => void;
