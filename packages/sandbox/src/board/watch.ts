import type { Bus } from "@kubestack/bus";
import { channels, keys, type SlaveEventMessage, sentenceOf, subjects } from "@kubestack/contracts";
import type { HudsonAdmin } from "@kubestack/real-parts";
import { systemTiming } from "@kubestack/runtime";
import { masterName } from "../configuration-file.ts";
import type { Board, BuildNews } from "./board.ts";
import { type MasterView, viewMaster } from "./master-view.ts";

export interface WatchOptions {
  readonly admin: HudsonAdmin;
  /** An ordinary client's. */
  readonly bus: Bus;
  readonly board: Board;
  readonly onBuild: (news: BuildNews) => void;
  readonly onSlave: (event: SlaveEventMessage) => void;
  /** Told once when the master stops answering, and once when it answers again. */
  readonly onMaster: (sentence: string) => void;
}

export interface Watching {
  /** What the master showed last. */
  readonly view: () => MasterView;
  stop(): Promise<void>;
}

const lookEveryMs = 500;

/** Keeps the board up to date: builds from the master's own API, slaves from the messages that everybody can hear. */
export function watchBoard(options: WatchOptions): Watching {
  const { admin, bus, board } = options;
  const ending = new AbortController();
  let view: MasterView = { items: [], builds: [] };
  let isAnswering = true;

  const heard = ({ data }: { data: SlaveEventMessage }): void => {
    if (!board.slaveEntered(data)) return;
    options.onSlave(data);
    if (data.previous === null) void learnItem(data.slave);
  };
  const learnItem = async (slave: string): Promise<void> => {
    const entry = await bus.slaves.get(keys.slave(masterName, slave)).catch(() => undefined);
    if (entry?.value.item) board.slaveIsFor(slave, entry.value.item.id);
  };
  const look = async (): Promise<void> => {
    try {
      view = await viewMaster(admin);
      for (const news of board.see(view, Date.now())) options.onBuild(news);
      if (!isAnswering) options.onMaster("The master answers again.");
      isAnswering = true;
    } catch (error) {
      if (isAnswering && !ending.signal.aborted) options.onMaster(`The master does not answer: ${sentenceOf(error)}`);
      isAnswering = false;
    }
  };
  const looking = async (): Promise<void> => {
    while (!ending.signal.aborted) {
      await look();
      await systemTiming.sleep(lookEveryMs, ending.signal);
    }
  };
  const unsubscribe = bus.subscribe(channels.slave, subjects.slavesOf(masterName), heard);
  const ended = looking();
  return {
    view: () => view,
    stop: async () => {
      ending.abort();
      unsubscribe();
      await ended;
    },
  };
}
