import { KubestackError } from "@kubestack/contracts";
import type { MasterFault, Site } from "./site.ts";

/** Something that goes wrong for a while with what KubeStack stands on. */
export interface Trouble {
  readonly name: string;
  /** Whether nobody can know what is wanted meanwhile: then nothing may be launched. */
  readonly isBlind: boolean;
  begin(site: Site): void;
  end(site: Site): void;
}

function ofMaster(name: string, how: { readonly isBlind: boolean; readonly fault: MasterFault }): Trouble {
  return {
    name,
    isBlind: how.isBlind,
    begin: (site) => {
      site.masterFault = how.fault;
    },
    end: (site) => {
      site.masterFault = undefined;
    },
  };
}

function ofCluster(name: string, begin: Trouble["begin"]): Trouble {
  return {
    name,
    isBlind: false,
    begin,
    end: ({ cluster }) => {
      cluster.isAway = false;
      cluster.isSilent = false;
      cluster.refusal = undefined;
    },
  };
}

const answer = (status: number, text: string) => ({ status, headers: { "content-type": "text/html" }, text });
const login = "<html><title>Sign in</title><form action='j_spring_security_check'></form></html>";
const throttled = new KubestackError("throttled", "Too many requests.", { retry: { afterMs: 2_000 } });

function cutAgainAndAgain(site: Site): void {
  if (!site.isTroubled) return;
  site.cluster.cutWatches();
  site.time.in(700, () => cutAgainAndAgain(site));
}

/** Every trouble that must pass without a trace. */
export const troubles: readonly Trouble[] = [
  ofMaster("the master is unreachable", { isBlind: true, fault: () => "unreachable" }),
  ofMaster("the master takes requests and never answers", { isBlind: true, fault: () => "hangs" }),
  ofMaster("the master answers 503 while it starts", { isBlind: true, fault: () => answer(503, "Please wait") }),
  ofMaster("the master refuses our credentials", { isBlind: true, fault: () => answer(401, "Invalid token") }),
  ofMaster("a proxy's login page answers for the master", { isBlind: true, fault: () => answer(200, login) }),
  ofMaster("the master carries everything out, and half of its answers are lost", {
    isBlind: false,
    fault: (_, chance) => (chance(0.5) ? "lost" : undefined),
  }),
  ofMaster("half of the master's answers break off in the middle", {
    isBlind: false,
    fault: (_, chance) => (chance(0.5) ? "half" : undefined),
  }),
  ofMaster("one request to the master in five fails", {
    isBlind: false,
    fault: (_, chance) => (chance(0.2) ? answer(500, "Oops") : undefined),
  }),
  ofCluster("the API server is away", ({ cluster }) => {
    cluster.isAway = true;
    cluster.cutWatches();
  }),
  ofCluster("the API server throttles the creation of pods", ({ cluster }) => {
    cluster.refusal = () => throttled;
  }),
  ofCluster("the watch is cut again and again", cutAgainAndAgain),
  ofCluster("the watch is silent", ({ cluster }) => {
    cluster.isSilent = true;
  }),
  {
    name: "NATS is away",
    isBlind: true,
    begin: ({ nats }) => {
      nats.isAway = true;
    },
    end: ({ nats }) => {
      nats.isAway = false;
    },
  },
  {
    name: "NATS's disk is full",
    isBlind: true,
    begin: ({ nats }) => {
      nats.isFull = true;
    },
    end: ({ nats }) => {
      nats.isFull = false;
    },
  },
  {
    name: "NATS loses, doubles and delays half of what it tells",
    isBlind: false,
    begin: ({ nats }) => {
      nats.faults = { lost: 0.5, doubled: 0.3, delayed: 0.3 };
    },
    end: ({ nats }) => {
      nats.faults = { lost: 0, doubled: 0, delayed: 0 };
    },
  },
];
