import type { SlaveLife, SlaveState } from "@kubestack/contracts";
import { initialTransition, transition } from "xstate";
import type { SlaveEvent } from "./events.ts";
import { type Intent, outstanding } from "./intents.ts";
import { slaveMachine } from "./machine.ts";

/** What came of an event: the state and life to save, and what to do after saving. */
export interface Step {
  readonly state: SlaveState;
  readonly life: SlaveLife;
  readonly intents: readonly Intent[];
  /** False where the event changed nothing: nothing is to be saved. */
  readonly changed: boolean;
}

/** The first step of a slave that was just recorded. */
export function begin(life: SlaveLife): Step {
  const [snapshot] = initialTransition(slaveMachine, life);
  return step(snapshot.value, snapshot.context, { type: "resume", at: life.trail[0]?.at ?? 0 });
}

/** One event's effect on a slave. Pure: same input, same output. */
export function step(state: SlaveState, life: SlaveLife, event: SlaveEvent): Step {
  if (event.attempt !== undefined && event.attempt !== life.attempt)
    return { state, life, intents: outstanding(state, life), changed: false };
  const before = slaveMachine.resolveState({ value: state, context: life });
  const [after, actions] = transition(slaveMachine, before, event);
  return {
    state: after.value,
    life: after.context,
    intents: lastOfEach(actions.map(({ type, params }) => ({ type, params }) as Intent)),
    changed: after.value !== state || after.context !== life,
  };
}

/** A transition that goes on by itself says twice what is due; only the latest word of each kind counts. */
function lastOfEach(intents: readonly Intent[]): Intent[] {
  return [...new Map(intents.map((intent) => [intent.type, intent])).values()];
}
