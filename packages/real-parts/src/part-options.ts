import { type PartsEnvironment, partsEnvironment } from "./environment.ts";

/** What every finder of a part takes; all of it may be left out. */
export interface PartOptions {
  /** Told each line a person should see while a part is installed or built. Default: nothing is said. */
  readonly progress?: ((line: string) => void) | undefined;
  /**
   * Cuts building and starting, and ends what they had started; a server that is up is ended by its `stop` alone, so that the caller
   * says in which order things go. What build tools keep in their own caches stays: the next try goes on from there.
   */
  readonly signal?: AbortSignal | undefined;
  /** Default: the process's own environment. */
  readonly environment?: PartsEnvironment | undefined;
}

/** The same with every gap filled. */
export interface PartContext {
  readonly progress: (line: string) => void;
  readonly signal: AbortSignal | undefined;
  readonly environment: PartsEnvironment;
}

/** Fills the gaps of `options`. */
export function partContext(options: PartOptions): PartContext {
  return {
    progress: options.progress ?? (() => undefined),
    signal: options.signal,
    environment: options.environment ?? partsEnvironment(),
  };
}
