import { type Hold, KubestackError, type Lift, mostLifts } from "@kubestack/contracts";
import { sizeIn } from "@kubestack/demand";
import { holdLimits } from "./holds.ts";

/** What failed this long before is forgotten by now, and holds nothing by itself. */
const oldestMs = 2 * holdLimits.mostMs;

type Thing = Pick<Lift, "what" | "name">;

/** What is kept of lifts after another one: the newest of each thing, and none that is older than any failure that counts. */
export function liftsAfter(kept: readonly Lift[], lift: Lift): Lift[] {
  const others = kept.filter((one) => !isSame(one, lift) && lift.at - one.at <= oldestMs);
  return [...others, lift].slice(-mostLifts);
}

function isSame(one: Thing, other: Thing): boolean {
  return one.what === other.what && one.name === other.name;
}

/** Raises `not-found` where it is not held, nor a size of it. */
export function checkHeld(master: string, thing: Thing, holds: readonly Hold[]): void {
  const isIts = (hold: Hold): boolean => hold.what === thing.what && sizeIn(hold.name, thing.name) !== undefined;
  if (holds.some((hold) => isSame(hold, thing) || isIts(hold))) return;
  const where = thing.what === "master" ? "" : ` of master ${master}`;
  throw new KubestackError(
    "not-found",
    `${capital(thing.what)} ${thing.name}${where} is not held: there is nothing to lift; kubestackcmd holds shows what is.`,
    { retry: "never" },
  );
}

function capital(word: string): string {
  return `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`;
}

/** `the hold of template maven is lifted by ann: the image is there`. */
export function toldLift({ what, name, by, reason }: Lift): string {
  return `the hold of ${what} ${name} is lifted by ${by}${reason === "" ? "" : `: ${reason}`}`;
}
