/** What one request shows the API server. */
export interface Credential {
  readonly headers: Readonly<Record<string, string>>;
  /** Certificates and what else `tls.connect` is to be given; another value makes a new connection. */
  readonly tls: object;
}

/** Where a cluster is, and how its API server knows who asks. */
export interface ClusterAccess {
  /** The API server's address, without a slash at its end. */
  readonly server: string;
  /** Asked before each request, so that a rotated credential is taken up. Raises what reading it raises. */
  credential(): Promise<Credential>;
  /** Address of the HTTP proxy in between, if there is one. Raises `invalid-config` for one that can't be used. */
  proxy(): string | undefined;
}
