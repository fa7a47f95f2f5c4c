/** Where a server listens. */
export interface ListenAddress {
  readonly host: string;
  /** 0: the system picks one that is free. */
  readonly port: number;
}

/** Reads `HOST:PORT`; an IPv6 address stands in brackets. Undefined where it is no such text: no host means nothing. */
export function listenAddress(text: string): ListenAddress | undefined {
  const [, six, plain, digits] = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9.-]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = six ?? plain;
  const port = Number(digits);
  return host === undefined || port > 65_535 ? undefined : { host, port };
}

/** The address as a part of a URL. */
export function hostAndPort({ host, port }: ListenAddress): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}
