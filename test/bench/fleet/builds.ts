import type { JenkinsSimulator } from "@kubestack/jenkins-simulator";

/** So many kinds of builds, each with a label and a template of its own. */
export const kinds = [...Array(10).keys()].map((number) => `tool-${number}`);

/** How long a build takes that does not run until it is told to end, in milliseconds. */
const shortMs = [20_000, 60_000] as const;
type Length = "held" | "short";

/** Keeps a number of builds at the master: for ever, or each for a while and then another one. */
export class Builds {
  readonly #jenkins: JenkinsSimulator;
  readonly #running = new Set<string>();
  #asked = 0;
  #ended = 0;
  /** What follows a build that ends. */
  #next: Length | "nothing" = "nothing";

  constructor(jenkins: JenkinsSimulator) {
    this.#jenkins = jenkins;
    for (const kind of kinds) {
      const job = { label: kind, parameters: { N: "0" } };
      jenkins.core.createJob({ ...job, name: `held/${kind}`, durationMs: null });
      jenkins.core.createJob({ ...job, name: `short/${kind}`, durationMs: shortMs });
    }
    jenkins.core.subscribe(({ kind, work }) => {
      if (work === undefined) return;
      const build = `${work.job} ${work.number}`;
      if (kind === "started") this.#running.add(build);
      if (kind !== "ended") return;
      this.#running.delete(build);
      this.#ended += 1;
      const next = this.#next;
      // What ends is looked at to its end first: nothing may come in between.
      if (next !== "nothing") queueMicrotask(() => this.#ask(next));
    });
  }

  get running(): number {
    return this.#running.size;
  }

  get ended(): number {
    return this.#ended;
  }

  /** Asks for builds until there are so many, each of which runs until `endAll`, and waits until each has its slave. */
  async hold(count: number): Promise<void> {
    this.#next = "held";
    for (let missing = count - (this.#asked - this.#ended); missing > 0; missing -= 1) this.#ask("held");
    await this.#jenkins.until(() => this.running >= count, patienceMs(count));
  }

  /** Ends all that are held; from now on each build that ends is followed by a short one. */
  comeAndGo(): void {
    this.#next = "short";
    this.#finish("held");
  }

  /** From now on nothing follows a build that ends. */
  expire(): void {
    this.#next = "nothing";
  }

  /** Ends every build; nothing follows. Waits until no node of a slave is left at the master. */
  async endAll(): Promise<void> {
    this.expire();
    const left = this.running;
    this.#finish("held");
    this.#finish("short");
    const nodes = () => [...this.#jenkins.core.state.nodes.keys()];
    const isOver = () => this.running === 0 && nodes().every((node) => node.startsWith("ks-anchor-"));
    await this.#jenkins.until(isOver, patienceMs(left));
  }

  #finish(length: Length): void {
    for (const kind of kinds) this.#jenkins.core.finishBuild(`${length}/${kind}`);
  }

  #ask(length: Length): void {
    this.#asked += 1;
    const kind = kinds[this.#asked % kinds.length];
    // Builds with the same parameters would be one.
    this.#jenkins.core.build(`${length}/${kind}`, { parameters: { N: String(this.#asked) } });
  }
}

/** How long so many slaves may take to come or go, in milliseconds. */
function patienceMs(count: number): number {
  return 60_000 + count * 300;
}
