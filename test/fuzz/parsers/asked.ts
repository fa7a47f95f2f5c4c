import assert from "node:assert/strict";
import { readQuery, routesOf } from "@kubestack/api/testing";
import { explanationSchema, serviceNames } from "@kubestack/contracts";
import { explanationOf, type Observation, observationOf, toldExplanation } from "@kubestack/explain";
import { demand, item, masterStatus, noon, plan, serviceStatus, slave } from "@kubestack/explain/testing";
import { type FuzzedParser, refusal, times } from "../parser.ts";

const url = "http://ci/job/shop/job/api/412/";
const job = "http%3A%2F%2Fci%2Fjob%2Fshop%2Fjob%2Fapi%2F";

/** A small installation in which everything that can be asked for is there. */
function world(): Observation {
  const status = [serviceStatus("slave-supervisor", [masterStatus("backend")])];
  const running = { builds: { current: { url, startedAt: noon } } };
  return observationOf({
    answers: new Map(serviceNames.map((name) => [name, status])),
    slaves: [
      slave("ks-backend-7f3k2p", "scheduled", { since: noon - 38_000 }),
      slave("ks-backend-7g", "busy", { life: running }),
      slave("ks-backend-8a", "deleted"),
    ],
    unreadable: 0,
    demands: [{ data: demand("backend", [item("412"), item("413", { job: "web", url })]), publishedAt: noon }],
    plans: [plan("backend", [["412", "cap", "template maven is at its cap: 200/200 slaves"]])],
    masters: [],
    pools: [],
    holders: new Map(),
  });
}

const seen = world();
const [route] = routesOf({ explain: () => Promise.reject(new Error("nobody asks")) });

/** What is asked over HTTP: the query of an address, and the name in it. */
export const askedParser: FuzzedParser = {
  name: "asked",
  samples: [
    "what=412",
    "what=item%3A412&master=backend",
    `what=${job}412%2F`,
    `what=${job}`,
    "what=ks-backend-7f",
    "what=label:maven",
    "what=backend&master=",
    "what=+%F0%9F%9A%80+",
  ],
  words: [
    "what=",
    "master=",
    "&",
    "=",
    "%",
    "%00",
    "%E4",
    "%ED%A0%80",
    "+",
    "item:",
    "slave:",
    "label:",
    job,
    "/job/",
    "ks-",
  ],
  read: (input) => {
    const read = readQuery(input, route?.parameters ?? {});
    if ("fault" in read) {
      assert.ok(read.fault.length > 10 && read.fault.length < 200);
      return refusal;
    }
    const [what = "", master] = [read.values.get("what"), read.values.get("master")];
    assert.ok(what.length <= 4096 && (master ?? "").length <= 256);
    const told = toldExplanation(explanationOf(seen, { what, ...(master ? { master } : {}), now: noon }), noon);
    return void explanationSchema.parse(told);
  },
  growing: {
    "one name": (size) => `what=${times("a", size)}`,
    escapes: (size) => `what=${times("%C3%A4", size)}`,
    "broken escapes": (size) => times("%E4&", size),
    parameters: (size) => times("a=1&", size),
    nothing: (size) => times("&", size),
    folders: (size) => `what=http://ci${times("/job/a", size)}/`,
    slashes: (size) => `what=http://ci/job/${times("/", size)}`,
    kinds: (size) => `what=${times("item:", size)}`,
  },
};
