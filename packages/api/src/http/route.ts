import type { z } from "zod";

/** What a request is answered with: a value, as JSON. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** What may be asked, by GET. */
export interface Route {
  /** `/api/v1/explain`, for example. */
  readonly path: string;
  /** One sentence for people. */
  readonly summary: string;
  readonly parameters: Readonly<Record<string, Parameter>>;
  /** The form of what is answered with 200, by its name. */
  readonly reply: { readonly name: string; readonly schema: z.ZodType };
  /** What may go wrong besides what goes wrong everywhere, by status. */
  readonly refusals: Readonly<Record<number, string>>;
  /** Raises what can't be answered. */
  readonly answer: (values: ReadonlyMap<string, string>) => Promise<unknown>;
}

export interface Parameter {
  readonly about: string;
  readonly longest: number;
  readonly isNeeded: boolean;
  readonly example: string;
}
