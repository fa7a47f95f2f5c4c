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

/** Whether only programs of this machine reach what listens there. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(?:\.\d{1,3}){3}$/.test(host);
}

const remedies: Readonly<Record<string, string>> = {
  EADDRINUSE: "another program has that port; name another one, or port 0 for any that is free",
  EADDRNOTAVAIL: "this machine has no such address; name one of its own, or 127.0.0.1",
  EACCES: "this user may not have that port; name one above 1023",
  ENOTFOUND: "that name has no address; name one that this machine has, or 127.0.0.1",
};

/** Why an address can't be listened at, by the system's code for it, and what to do; undefined for a code that is not known. */
export function listenRemedy(code: string | undefined): string | undefined {
  return Object.hasOwn(remedies, code ?? "") ? remedies[code ?? ""] : undefined;
}
