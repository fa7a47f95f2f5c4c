import { glob, readFile } from "node:fs/promises";
import { expect, test } from "vitest";

/**
 * Orders of events that once broke a design of such a system, and that this one must survive. Each has tests of its own
 * somewhere, which name it in brackets: \`(H7)\`. Those of what is not built yet are not here.
 */
const cases = {
  H1: "an owner is paused after it named a slave, and another one takes over",
  H2: "records are listed from a copy that lags behind",
  H3: "who was paused brings a slave that is over back to life",
  H4: "a record is purged, and then created late",
  H5: "a slave is named, and its record is never written",
  H6: "a slave is taken out of the count twice",
  H7: "a mark that can only be toggled is toggled by two",
  H8: "nobody answers for a process that lives",
  H9: "two processes have one name",
  H10: "a paused collector publishes the past",
  H11: "a round outlives what it tells",
  H12: "a round comes in parts of two rounds",
  H13: "what a round shows is compared with what was heard since",
  H14: "a slave became busy, and its build is over already",
  H15: "an agent is online and takes nothing",
  H16: "a template is edited while its slaves run",
  H17: "a master does not use slaves whose labels match",
  H18: "an item wants one node",
  H19: "slaves that never come hide the next template",
  H20: "agents of others are about to take an item",
  H22: "a slave is withdrawn while its master hands it a build",
  H23: "a slave is withdrawn, and an older round shows its item",
  H24: "a master is away for long",
  H25: "a master restarts while slaves are busy and marked",
  H26: "nobody knows whether a create took place",
  H27: "a Secret has no owner yet",
  H28: "a pod is half dead",
  H29: "a pod is on a dead machine",
  H30: "a second build comes before the first was noticed",
  H36: "more waits than caps will ever let start",
  H37: "the store is wiped or put back",
  H38: "one installation has two stores",
  H39: "two installations have one master",
  H40: "a process whose clock is wrong takes over",
  H41: "a master gives its queue's numbers anew",
  H42: "a watch is deaf after the store was lost",
} as const;

/** All that tests say in words: their names among it. */
async function words(): Promise<string> {
  const texts: string[] = [];
  for await (const file of glob("{packages,test}/**/*.test.ts", { exclude: ["**/node_modules/**"] }))
    if (!file.endsWith("interleavings.test.ts")) texts.push(await readFile(file, "utf8"));
  return texts.flatMap((text) => text.match(/"[^"\n]+"/g) ?? []).join("\n");
}

test.each(Object.entries(cases))("%s (%s) has a test that names it", async (name) => {
  expect(await words()).toMatch(new RegExp(`\\b${name}\\b`));
});
