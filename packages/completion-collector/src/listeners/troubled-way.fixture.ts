import type { Bus } from "@kubestack/bus";
import type { TcpProxy } from "@kubestack/real-parts";
import { reconnected } from "../bed.fixture.ts";
import type { EveryTrouble, Trouble } from "./conformance.fixture.ts";

/** What befalls a source that is reached by TCP, on the way to it. */
export function troublesOf(way: () => TcpProxy): Record<EveryTrouble, Trouble> {
  const end = () => way().flow();
  const spoilt = (how: "half" | "rubbish"): Trouble => ({
    begin: () => {
      way().spoil(how);
      // Who says nothing unasked is spoilt at its greeting.
      way().cut();
    },
    end,
  });
  return {
    "refuses connections": { begin: () => way().refuse(), end: () => way().accept() },
    "does not answer": { begin: () => way().stall(), end },
    "gives half of an answer": spoilt("half"),
    "answers what nobody can read": spoilt("rubbish"),
  };
}

/** The same between NATS and a collector that hears from there. */
export function busTroublesOf(
  process: () => { readonly bus: Bus; readonly way: TcpProxy },
): Record<EveryTrouble, Trouble> {
  const plain = troublesOf(() => process().way);
  const broken = ({ begin, end }: Trouble): Trouble => ({
    begin,
    end: async () => {
      const back = reconnected(process().bus);
      await end();
      await back;
    },
  });
  return {
    ...plain,
    "refuses connections": broken(plain["refuses connections"]),
    "gives half of an answer": broken(plain["gives half of an answer"]),
    "answers what nobody can read": broken(plain["answers what nobody can read"]),
  };
}
