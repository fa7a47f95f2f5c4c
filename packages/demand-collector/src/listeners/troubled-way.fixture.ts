import type { Bus } from "@kubestack/bus";
import type { TcpProxy } from "@kubestack/real-parts";
import { reconnected } from "../bed.fixture.ts";
import type { EveryTrouble, Trouble } from "./conformance.fixture.ts";

/** What befalls a source that is reached by TCP, on the way to it. */
export function troublesOf(way: () => TcpProxy): Record<EveryTrouble, Trouble> {
  const end = () => way().flow();
  return {
    "refuses connections": { begin: () => way().refuse(), end: () => way().accept() },
    "does not answer": { begin: () => way().stall(), end },
    "gives half of an answer": { begin: () => way().spoil("half"), end },
    "answers what nobody can read": { begin: () => way().spoil("rubbish"), end },
  };
}

/** The same between NATS and a collector that has what it wants to know from there; seconds are waited for an answer. */
export function busTroublesOf(process: () => { readonly bus: Bus; readonly way: TcpProxy }) {
  const { "refuses connections": refuses, "does not answer": silent } = troublesOf(() => process().way);
  const end = async (): Promise<void> => {
    const back = reconnected(process().bus);
    await refuses.end();
    await back;
  };
  return {
    "refuses connections": { ...refuses, end, isSlow: true },
    "does not answer": { ...silent, isSlow: true },
  } as const;
}
