import { KubestackError } from "@kubestack/contracts";

export interface TimedOptions<T> {
  /** The functions that are timed; what else the object has stays as it is. */
  readonly calls: readonly (keyof T & string)[];
  /** A clock that never goes back, in milliseconds. */
  readonly monotonic: () => number;
  /** Told after each call; `code` is what was wrong, of ours, or `unexpected`; undefined where it went well. */
  readonly told: (call: { readonly name: string; readonly seconds: number; readonly code: string | undefined }) => void;
}

/** The same object, each of whose calls is timed. It must not need `this`. */
export function timed<T extends object>(target: T, { calls, monotonic, told }: TimedOptions<T>): T {
  const wrapped = calls.map((name) => {
    const call = target[name] as (...given: unknown[]) => Promise<unknown>;
    const measured = async (...given: unknown[]): Promise<unknown> => {
      const began = monotonic();
      const done = (code?: string) => told({ name, seconds: (monotonic() - began) / 1000, code });
      try {
        const answer = await call(...given);
        done();
        return answer;
      } catch (error) {
        done(error instanceof KubestackError ? error.code : "unexpected");
        throw error;
      }
    };
    return [name, measured];
  });
  return { ...target, ...Object.fromEntries(wrapped) };
}
