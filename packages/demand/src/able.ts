import type { LaunchTemplate, Room, Situation, WaitReason } from "./shortfall.ts";
import { launchKind, type Sized } from "./sizes.ts";

/** A template that would serve somebody, with which size, and what is in the way of a launch from it. */
export interface Able {
  readonly template: LaunchTemplate;
  readonly sized: Sized | undefined;
  /** Why it is not taken, as a whole sentence; undefined where it may be. */
  readonly refusal: string | undefined;
  /** What has to have room for it, by name. */
  readonly rooms: readonly NamedRoom[];
}

type NamedRoom = Room & { readonly name: string };

/** How many launches of this pass take up each room, by its name. */
export type Taken = ReadonlyMap<string, number>;

/** What holds a template holds all its sizes, too. */
export function ableOf(template: LaunchTemplate, sized: Sized | undefined): Able {
  const { name, room, hold } = template;
  const own = sized === undefined ? undefined : template.standingOf?.(sized.size);
  const rooms = [
    ...(template.shared === undefined ? [] : [template.shared]),
    ...(own === undefined ? [] : [{ name: launchKind(name, sized?.size), ...own.room }]),
    { name, ...room },
  ];
  const held = hold ?? own?.hold;
  const kind = hold === undefined ? launchKind(name, sized?.size) : name;
  const refusal = held === undefined ? template.barred : `template ${kind} is held: ${held}`;
  return { template, sized, refusal, rooms };
}

/** The first room in which there is none left; undefined where a launch fits. */
export function fullRoom({ rooms }: Able, taken: Taken): NamedRoom | undefined {
  return rooms.find(({ name, slaves }) => slaves <= (taken.get(name) ?? 0));
}

/** Takes note of one more launch in each of its rooms. */
export function take({ rooms }: Able, taken: Map<string, number>): void {
  for (const { name } of rooms) taken.set(name, (taken.get(name) ?? 0) + 1);
}

export function toldFull({ template }: Able, { cap }: Room): string {
  return `template ${template.name} is at its cap: ${cap}`;
}

/** Why none is launched now, whatever its template, where so many are launched already. */
export function whyLater(
  launches: number,
  { room, allowance, brake }: Pick<Situation, "room" | "allowance" | "brake">,
): (Omit<WaitReason, "item" | "code"> & { readonly code: "cap" | "brake" }) | undefined {
  if (room !== undefined && launches >= room.slaves)
    return { code: "cap", reason: `its master is at its cap: ${room.cap}`, cap: { of: "master" } };
  return launches < allowance ? undefined : { code: "brake", reason: brake ?? "this minute's launches are used up" };
}
