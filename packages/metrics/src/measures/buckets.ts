/** For one request to another server, in seconds. */
export const requestSeconds = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20] as const;

/** For what people wait for, in seconds: from a quick pod to an image that is pulled for minutes. */
export const waitSeconds = [0.5, 1, 2, 3, 5, 7.5, 10, 15, 20, 30, 60, 120, 300, 600, 1800] as const;

/** For a change of owner, in seconds; 5 is what is promised after a death, 15 is how long a lease lasts. */
export const takeoverSeconds = [0.25, 0.5, 1, 2, 3, 4, 5, 7.5, 10, 15, 20, 30, 60] as const;
