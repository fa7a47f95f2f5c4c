/** The environment of this process. Nothing else in KubeStack reads it. */
export type Environment = Readonly<Record<string, string | undefined>>;

export const environment: Environment = process.env;
