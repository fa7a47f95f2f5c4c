/** Where a Gearman server listens, and how the connection is kept from others' eyes. */
export interface GearmanAddress {
  readonly host: string;
  readonly port: number;
  /** Absent: plain TCP. */
  readonly tls?: GearmanTls | undefined;
}

/** Certificates and keys in PEM form. */
export interface GearmanTls {
  /** Trusted beside the well-known authorities. */
  readonly caPem?: string | undefined;
  /** Our own certificate and its key, for servers that want one: both or neither. */
  readonly certPem?: string | undefined;
  readonly keyPem?: string | undefined;
  /** Accept any certificate. Default false. */
  readonly insecureSkipVerify?: boolean | undefined;
}

/** `host:port`, an IPv6 address in brackets. */
export function printAddress({ host, port }: GearmanAddress): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
