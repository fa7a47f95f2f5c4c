/** How a generation of Jenkins speaks: what its texts look like and which fields its API has. */
export interface MasterVersion {
  /** What `X-Jenkins` says. */
  readonly version: string;
  /** The name of the node that is the master itself. */
  readonly builtInName: string;
  /** Nodes, jobs and the label of "on X" are in curly quotes (since May 2018; labels of the offline texts always were). */
  readonly isQuoted: boolean;
  /** Tells why idle executors do not take an item (since 2.36). */
  readonly tellsRejections: boolean;
  /** Writes `_class` (since 2.0). */
  readonly hasClasses: boolean;
  /** Exports a job's `labelExpression` and a node's `assignedLabels` (since 2.94). */
  readonly exportsLabels: boolean;
  /** The task of a pipeline's block has a name and an address (its plugin since November 2020); before, it was an empty object. */
  readonly describesBlocks: boolean;
  /** Takes agents by WebSocket (since 2.217). */
  readonly takesWebSockets: boolean;
}

/** The generations that can be simulated, by the version that stands for each. Texts were read in the sources of these versions. */
export type Wording = "2.579" | "2.300" | "2.100" | "1.651";

const newest: MasterVersion = {
  version: "2.579",
  builtInName: "Built-In Node",
  isQuoted: true,
  tellsRejections: true,
  hasClasses: true,
  exportsLabels: true,
  describesBlocks: true,
  takesWebSockets: true,
};

const versions: Readonly<Record<Wording, MasterVersion>> = {
  "2.579": newest,
  "2.300": { ...newest, version: "2.300", builtInName: "master" },
  "2.100": {
    ...newest,
    version: "2.100",
    builtInName: "master",
    isQuoted: false,
    describesBlocks: false,
    takesWebSockets: false,
  },
  "1.651": {
    version: "1.651",
    builtInName: "master",
    isQuoted: false,
    tellsRejections: false,
    hasClasses: false,
    exportsLabels: false,
    describesBlocks: false,
    takesWebSockets: false,
  },
};

/** The generation of that name. */
export function masterVersion(wording: Wording): MasterVersion {
  return versions[wording];
}
