import type { FaultDone, History } from "./history.ts";

/** A moment of a run, for people: minutes and seconds from its beginning. */
export function clockText(beganAt: number, at: number): string {
  const ms = Math.max(0, at - beganAt);
  return `${Math.floor(ms / 60_000)}:${((ms % 60_000) / 1000).toFixed(2).padStart(5, "0")}`;
}

/** One fault in a line. */
export function faultText({ kind, target, beganAt, endedAt, detail }: FaultDone, since: number): string {
  const times = `${clockText(since, beganAt)} to ${clockText(since, endedAt)}`;
  return `${times}  ${kind.padEnd(22)} ${target}${detail === "" ? "" : `: ${detail}`}`;
}

/** Everything that was seen of a slave, in the order of the clock, with the faults that happened meanwhile. */
export function storyOf(slave: string, history: History): string[] {
  const record = history.records.find(({ name }) => name === slave);
  const own = [
    ...history.sightings.filter((sighting) => sighting.slave === slave),
    ...(record?.life.trail ?? []).map(({ state, at, reason }) => ({ at, what: `record: ${state} (${reason})` })),
  ];
  const [from, to] = [Math.min(...own.map(({ at }) => at)), Math.max(...own.map(({ at }) => at))];
  const during = history.faults
    .filter(({ beganAt, endedAt }) => endedAt >= from - 5_000 && beganAt <= to)
    .flatMap(({ kind, target, beganAt, endedAt }) => [
      { at: beganAt, what: `fault: ${kind} of ${target} begins` },
      ...(endedAt > beganAt + 50 ? [{ at: endedAt, what: `fault: ${kind} of ${target} ends` }] : []),
    ]);
  const lines = [...own, ...during]
    .sort((a, b) => a.at - b.at)
    .map(({ at, what }) => `  ${clockText(history.beganAt, at)}  ${what}`);
  const head =
    record === undefined
      ? `${slave} (no record)`
      : `${slave}: ${record.state}, ${record.life.outcome ?? "no outcome"}, template ${record.template}`;
  return [head, ...lines];
}
