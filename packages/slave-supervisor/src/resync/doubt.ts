import type { ReadEntry } from "@kubestack/bus";
import { hasCode, keys, type SlaveLife, type SlaveRecord, slaveRecordVersion } from "@kubestack/contracts";
import type { MasterOptions } from "../master-scope.ts";

/**
 * What is left of a life that was read from a store that was put back: much may have happened since. What was seen at the
 * master then decides no removal now: it is marked and looked at anew.
 */
export function doubted(life: SlaveLife): SlaveLife {
  return { ...life, markedAt: null, unmarkedAt: null, idleLooks: 0, lastLookAt: null, podMayGoFirst: false };
}

/** Writes that into a master's records, or some of them, before anybody acts by them. Doing it twice does it once. */
export async function doubtRecords(
  { bus, name: master, log }: Pick<MasterOptions, "bus" | "name" | "log">,
  concerns: (slave: string) => boolean = () => true,
): Promise<void> {
  const doubtful: ReadEntry<SlaveRecord>[] = [];
  const take = (entry: ReadEntry<SlaveRecord>): void => {
    const { version, name } = entry.value;
    if (version <= slaveRecordVersion && concerns(name) && isDoubtful(entry.value)) doubtful.push(entry);
  };
  await bus.slaves.each(keys.slavesOf(master), take, (problem) => log.warn(problem.message));
  await Promise.all(
    doubtful.map(async (entry) => {
      try {
        await bus.slaves.update(entry, { ...entry.value, life: doubted(entry.value.life) });
      } catch (error) {
        // Whoever wrote it meanwhile knows more than the past.
        if (!hasCode(error, "stale-revision")) throw error;
      }
    }),
  );
}

function isDoubtful({ state, life }: SlaveRecord): boolean {
  return state !== "deleted" && JSON.stringify(doubted(life)) !== JSON.stringify(life);
}
