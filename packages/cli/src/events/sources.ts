import type { Bus } from "@kubestack/bus";
import { channels, streams, subjects } from "@kubestack/contracts";
import {
  byTime,
  completionOccurrence,
  masterOccurrence,
  type Occurrence,
  poolOccurrence,
  slaveOccurrence,
} from "./occurrence.ts";
import { onlyMaster, type Selection, selects } from "./selection.ts";

function subjectsOf(selection: Selection) {
  const master = onlyMaster(selection);
  return {
    slaves: master === undefined ? subjects.allSlaves : subjects.slavesOf(master),
    masters: subjects.allMasters,
    completions: master === undefined ? (streams.COMPLETION.subjects[0] ?? "") : subjects.completionsOf(master),
  };
}

/** The kept events that are asked for, in the order in which they happened: at most `limit`, the newest. */
export async function pastEvents(bus: Bus, selection: Selection, limit: number): Promise<Occurrence[]> {
  const { slaves, masters, completions } = subjectsOf(selection);
  const isNarrow = selection.slave !== undefined || selection.since !== undefined || selection.master !== undefined;
  // What is left out afterwards must not use up the limit.
  const reading = {
    limit: isNarrow ? mostEvents : limit,
    ...(selection.since === undefined ? {} : { since: selection.since }),
  };
  const kept = await Promise.all([
    bus.history(channels.slave, slaves, reading).then((all) => all.map(slaveOccurrence)),
    bus.history(channels.master, masters, reading).then((all) => all.map(masterOccurrence)),
    bus.history(channels.completion, completions, reading).then((all) => all.map(completionOccurrence)),
    bus.history(channels.capacity, subjects.allCapacity, reading).then((all) => all.map(poolOccurrence)),
  ]);
  const selected = kept.flat().filter(selects(selection)).sort(byTime);
  return limit < 1 ? [] : selected.slice(-limit);
}

/** No more events than this are read back of each kind. */
export const mostEvents = 20_000;

/** Hears the events that are asked for from now on. Returns what ends it. */
export function hearEvents(bus: Bus, selection: Selection, hear: (occurrence: Occurrence) => void): () => void {
  const { slaves, masters, completions } = subjectsOf(selection);
  const isSelected = selects(selection);
  const pass = (occurrence: Occurrence): void => {
    if (isSelected(occurrence)) hear(occurrence);
  };
  const ends = [
    bus.subscribe(channels.slave, slaves, (message) => pass(slaveOccurrence(message))),
    bus.subscribe(channels.master, masters, (message) => pass(masterOccurrence(message))),
    bus.subscribe(channels.completion, completions, (message) => pass(completionOccurrence(message))),
    bus.subscribe(channels.capacity, subjects.allCapacity, (message) => pass(poolOccurrence(message))),
  ];
  return () => {
    for (const end of ends) end();
  };
}
