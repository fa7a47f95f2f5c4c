type Environment = Readonly<Record<string, string | undefined>>;

/** A terminal that can't move its cursor. */
export function isDumb({ TERM }: Environment): boolean {
  return TERM === undefined || TERM === "" || TERM === "dumb";
}

/** See no-color.org: any value that is not empty switches colours off. */
export function wantsColour({ NO_COLOR }: Environment): boolean {
  return NO_COLOR === undefined || NO_COLOR === "";
}
